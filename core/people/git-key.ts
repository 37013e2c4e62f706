import { generateKeyPairSync } from 'node:crypto';
import type { GitKey } from '../../contracts/people.ts';
import type { Person } from '../actor.ts';
import { describeKey } from '../crypto/openssh.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import type { SealContext, Sealer } from '../ports/sealer.ts';
import { type Key, type Table, WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { ItemKind } from '../table/item-kind.ts';
import { recordPersonEvents } from './update-person.ts';

/**
 * A person's only SSH key for git. Its private half is generated and sealed here, and unsealed only for the manifest of
 * the person's own workspaces.
 */
interface GitKeyRecord extends GitKey {
  /** The sealed private half, in PKCS #8. */
  sealed: string;
}

export const gitKeyItems = new ItemKind<GitKeyRecord>('git key', {
  publicKey: 'string',
  fingerprint: 'string',
  createdAt: 'string',
  sealed: 'string',
});

const gitKeyKey = (personId: string): Key => ({ pk: `person#${personId}`, sk: 'git-key' });

/** The sealing context: infra's IAM policies restrict roles to exactly these two pairs. */
const contextOf = (personId: string): SealContext => ({ purpose: 'git-key', person: personId });

const loadGitKey = async (table: Table, personId: string): Promise<GitKeyRecord | undefined> => {
  const item = await table.get(gitKeyKey(personId));
  return item && gitKeyItems.read(item);
};

const view = ({ publicKey, fingerprint, createdAt }: GitKeyRecord): GitKey => ({ publicKey, fingerprint, createdAt });

export const getGitKey = async ({ table }: Pick<Rules, 'table'>, person: Person): Promise<GitKey> => {
  const record = await loadGitKey(table, person.id);
  if (record !== undefined) return view(record);
  throw new BerthError(
    'not_found',
    'You have no git key yet. Create one with "berth git-key create"; your first workspace creates one, too.',
  );
};

/**
 * Returns the person's key, and creates it if it is missing or if `rotate` requests a new one. Costs one get, plus one
 * transaction for a new key. Of two concurrent calls one wins, and both return its key.
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
  const auditEvent = { action, actor: person, details: { fingerprint: record.fingerprint } };
  try {
    await recordPersonEvents(
      rules,
      person.id,
      [auditEvent],
      [{ put: gitKeyItems.item(gitKeyKey(person.id), record), when }],
    );
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

/** Returns both halves, the private one in PKCS #8; `undefined` without a key. Throws if unsealing fails. */
export const openGitKey = async (
  table: Table,
  sealer: Pick<Sealer, 'open'>,
  personId: string,
): Promise<{ privateKey: Uint8Array; publicKey: string } | undefined> => {
  const record = await loadGitKey(table, personId);
  if (record === undefined) return undefined;
  return { privateKey: await sealer.open(record.sealed, contextOf(personId)), publicKey: record.publicKey };
};
