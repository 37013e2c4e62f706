import { generateKeyPairSync } from 'node:crypto';
import type { GitKey } from '../../contracts/routes.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import { describeKey } from '../openssh.ts';
import { type Key, type SealContext, type Sealer, type Table, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { recordPersonActs } from './acts.ts';

/**
 * A person's one SSH key for git. The private half is made here, sealed at once, and opened only for the manifest of
 * that person's own workspaces.
 */
interface GitKeyRecord extends GitKey {
  /** The private half, PKCS #8, sealed. */
  sealed: string;
}

const gitKeyKey = (personId: string): Key => ({ pk: `person#${personId}`, sk: 'git-key' });

/** What infra holds roles to: these two pairs and no others. */
const contextOf = (personId: string): SealContext => ({ purpose: 'git-key', person: personId });

const loadGitKey = async (table: Table, personId: string): Promise<GitKeyRecord | undefined> => {
  const item = await table.get(gitKeyKey(personId));
  return item && fromItem<GitKeyRecord>(item);
};

const view = ({ publicKey, fingerprint, createdAt }: GitKeyRecord): GitKey => ({ publicKey, fingerprint, createdAt });

export const getGitKey = async ({ table }: Pick<Rules, 'table'>, person: Person): Promise<GitKey> => {
  const record = await loadGitKey(table, person.id);
  if (record !== undefined) return view(record);
  throw new BerthError(
    'not_found',
    'You have no git key yet. Make one with "berth git-key create"; your first workspace makes one, too.',
  );
};

/**
 * The person's key: the one they have, or a new one where there is none or `rotate` asks for another. One get, and one
 * transaction where a key is made; of two at once one wins, and both are answered that one.
 */
export const makeGitKey = async (
  rules: Rules,
  sealer: Pick<Sealer, 'seal'>,
  person: Person,
  { rotate }: { rotate: boolean },
): Promise<GitKey> => {
  const before = await loadGitKey(rules.table, person.id);
  if (before !== undefined && !rotate) return view(before);
  const record = await newGitKey(sealer, person, instant(rules.clock()));
  const when = before === undefined ? { absent: true as const } : { equals: { fingerprint: before.fingerprint } };
  const action = before === undefined ? ('git-key.create' as const) : ('git-key.rotate' as const);
  const act = { action, actor: person, details: { fingerprint: record.fingerprint } };
  try {
    await recordPersonActs(rules, person.id, [act], [{ put: toItem(gitKeyKey(person.id), record), when }]);
  } catch (error) {
    if (error instanceof WriteConflict) return getGitKey(rules, person);
    throw error;
  }
  return view(record);
};

const newGitKey = async (
  sealer: Pick<Sealer, 'seal'>,
  { id, name }: Person,
  createdAt: string,
): Promise<GitKeyRecord> => {
  const pair = generateKeyPairSync('ed25519');
  const { publicKey, fingerprint } = describeKey(pair.publicKey);
  const sealed = await sealer.seal(pair.privateKey.export({ format: 'der', type: 'pkcs8' }), contextOf(id));
  return { publicKey: `${publicKey} berth:${name}`, fingerprint, createdAt, sealed };
};

/** Both halves, the private one PKCS #8; `undefined` for who has no key. Throws when it cannot be opened. */
export const openGitKey = async (
  table: Table,
  sealer: Pick<Sealer, 'open'>,
  personId: string,
): Promise<{ privateKey: Uint8Array; publicKey: string } | undefined> => {
  const record = await loadGitKey(table, personId);
  if (record === undefined) return undefined;
  return { privateKey: await sealer.open(record.sealed, contextOf(personId)), publicKey: record.publicKey };
};
