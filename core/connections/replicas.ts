import { everyItem } from '../every-item.ts';
import type { PeerRequest, Replica, ReplicaRules } from '../gateway.ts';
import { instant, later } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import type { Key } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { sameText, signature } from '../secrets.ts';
import { loadPlace } from './places.ts';

/** A replica as it wrote itself down; believed until its lease is over. */
interface ReplicaRecord extends Replica {
  until: string;
}

/** Renewed every 10 s: two renewals may be lost. */
const leaseMs = 25_000;
/** The table forgets a replica that never took its item away. */
const forgottenMs = 3_600_000;

const replicaKey = (id: string): Key => ({ pk: `replica#${id}`, sk: 'replica' });

/** Found when its lease is over. */
const byLease = ({ id, until }: ReplicaRecord) => ({ duePk: 'replica', dueSk: `${until}#${id}` });

/** Replicas that ended without a word, or whose lease is late. The table forgets them in an hour. */
export async function* lapsedReplicas({ table, clock }: Pick<Rules, 'table' | 'clock'>): AsyncGenerator<Replica> {
  const lapsed = everyItem(table, { index: 'due', pk: 'replica', to: instant(clock()) });
  for await (const item of lapsed) yield fromItem<ReplicaRecord>(item);
}

/** Replicas' clocks may differ by so much; with it a credential is good for 20 s at the most. */
const skewMs = 5_000;
const credentialMs = 15_000;

/** Fields are joined by a character that none of them may hold, so that no two requests have one text. */
const signedText = ({ replica, workspaceId, buildId, authority }: PeerRequest, madeAt: number): string =>
  ['peer', replica, workspaceId, buildId, authority, madeAt].join('\n');

const isClean = (request: PeerRequest): boolean => Object.values(request).every((field) => !field.includes('\n'));

/** The living replica of an id. */
export const findReplica = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  id: string,
): Promise<Replica | undefined> => {
  const item = await table.get(replicaKey(id));
  const replica = item && fromItem<ReplicaRecord>(item);
  return replica === undefined || replica.until <= instant(clock()) ? undefined : replica;
};

/** How replicas find each other through the table, and know each other by the installation's key. */
export const replicaRules = (rules: Pick<Rules, 'table' | 'clock'> & { agentKey: string }): ReplicaRules => {
  const { table, clock, agentKey } = rules;
  const credentialOf = (request: PeerRequest, madeAt: number): string =>
    `${madeAt}.${signature(agentKey, signedText(request, madeAt))}`;

  return {
    findReplica: (id) => findReplica(rules, id),
    findAgent: async (workspaceId) => {
      const place = await loadPlace(table, workspaceId);
      return place && findReplica(rules, place.replica);
    },
    keepReplica: async (replica) => {
      const until = later(clock(), leaseMs);
      const record: ReplicaRecord = { ...replica, until: instant(until) };
      const expires = Math.ceil((until.getTime() + forgottenMs) / 1000);
      await table.write([{ put: toItem(replicaKey(replica.id), { ...record, ...byLease(record), expires }) }]);
    },
    removeReplica: ({ id }) => table.write([{ delete: replicaKey(id) }]),
    signPeer: (request) => credentialOf(request, clock().getTime()),
    isFromPeer: (request, credential) => {
      const madeAt = Number(/^([0-9]{13})\./.exec(credential)?.[1]);
      const age = clock().getTime() - madeAt;
      if (!(age >= -skewMs && age <= credentialMs) || !isClean(request)) return false;
      return sameText(credential, credentialOf(request, madeAt));
    },
  };
};
