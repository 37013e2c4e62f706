import { sameText, signature } from '../../crypto/secrets.ts';
import type { PeerRequest, Replica, ReplicaRules } from '../../gateway.ts';
import { instant, later } from '../../instant.ts';
import type { Key } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { loadAgentLocation } from './agent-locations.ts';

/** A registered replica; valid until its lease ends. */
interface ReplicaRecord extends Replica {
  until: string;
}

export const replicaItems = new ItemKind<ReplicaRecord>('replica', {
  id: 'string',
  address: 'string',
  until: 'string',
});

/** Renewed every 10 s, so that two renewals may fail. */
const leaseMs = 25_000;
/** When the table deletes the item of a replica that crashed. */
const retentionMs = 3_600_000;

const replicaKey = (id: string): Key => ({ pk: `replica#${id}`, sk: 'replica' });

/** Index attributes that find a replica whose lease has ended. */
const byLease = ({ id, until }: ReplicaRecord) => ({ duePk: 'replica', dueSk: `${until}#${id}` });

/** IDs of replicas that crashed, or whose lease is late. The table deletes their items after an hour. */
export async function* lapsedReplicas({ table, clock }: Pick<Rules, 'table' | 'clock'>): AsyncGenerator<string> {
  const lapsed = everyItem(table, { index: 'due', pk: 'replica', to: instant(clock()) });
  for await (const { pk } of lapsed) yield pk.slice('replica#'.length);
}

/** The maximum difference between replicas' clocks. With it, a credential is valid for at most 20 s. */
const skewMs = 5_000;
const validMs = 15_000;

/** Joined by a character that no field may contain, so that no two requests have the same text. */
const signedText = ({ replica, workspaceId, buildId, authority }: PeerRequest, madeAt: number): string =>
  ['peer', replica, workspaceId, buildId, authority, madeAt].join('\n');

const hasNoLineBreaks = (request: PeerRequest): boolean =>
  Object.values(request).every((field) => !field.includes('\n'));

/** The replica with this ID; `undefined` when its lease has ended. */
export const findReplica = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  id: string,
): Promise<Replica | undefined> => {
  const item = await table.get(replicaKey(id));
  const replica = item && replicaItems.read(item);
  return replica === undefined || replica.until <= instant(clock()) ? undefined : replica;
};

/** Replicas find each other through the table and authenticate each other with the installation's key. */
export const replicaRules = (rules: Pick<Rules, 'table' | 'clock'> & { agentKey: string }): ReplicaRules => {
  const { table, clock, agentKey } = rules;
  const credentialOf = (request: PeerRequest, madeAt: number): string =>
    `${madeAt}.${signature(agentKey, signedText(request, madeAt))}`;

  return {
    findReplica: (id) => findReplica(rules, id),
    findAgent: async (workspaceId) => {
      const location = await loadAgentLocation(table, workspaceId);
      return location && findReplica(rules, location.replica);
    },
    renewReplica: async (replica) => {
      const until = later(clock(), leaseMs);
      const record: ReplicaRecord = { ...replica, until: instant(until) };
      const expires = Math.ceil((until.getTime() + retentionMs) / 1000);
      await table.write([
        { put: replicaItems.item(replicaKey(replica.id), { ...record, ...byLease(record), expires }) },
      ]);
    },
    removeReplica: ({ id }) => table.write([{ delete: replicaKey(id) }]),
    signPeerRequest: (request) => credentialOf(request, clock().getTime()),
    isSignedPeerRequest: (request, credential) => {
      const madeAt = Number(/^([0-9]{13})\./.exec(credential)?.[1]);
      const age = clock().getTime() - madeAt;
      if (!(age >= -skewMs && age <= validMs) || !hasNoLineBreaks(request)) return false;
      return sameText(credential, credentialOf(request, madeAt));
    },
  };
};
