import type { GitSetup } from '../../../contracts/agent/tunnel.ts';
import { openGitKey } from '../../people/git-key.ts';
import { loadPerson } from '../../people/person-record.ts';
import type { Sealer } from '../../ports/sealer.ts';
import type { Table } from '../../ports/table.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';

/** Decrypts git keys. */
export type Opener = Pick<Sealer, 'open'>;

/**
 * The owner's git configuration. A key that cannot be decrypted is reported in the workspace and does not fail the
 * start.
 */
export const gitSetup = async (
  table: Table,
  sealer: Opener,
  { ownerId, ownerName }: WorkspaceRecord,
): Promise<GitSetup> => {
  const [owner, key] = await Promise.all([loadPerson(table, ownerId), keyOf(table, sealer, ownerId)]);
  return {
    name: owner?.displayName ?? ownerName,
    ...(owner?.email === undefined ? {} : { email: owner.email }),
    ...key,
  };
};

const keyOf = async (table: Table, sealer: Opener, ownerId: string): Promise<Pick<GitSetup, 'key' | 'problem'>> => {
  try {
    const opened = await openGitKey(table, sealer, ownerId);
    if (opened === undefined) return {};
    return { key: { ...opened, privateKey: Buffer.from(opened.privateKey).toString('base64') } };
  } catch (error) {
    return { problem: problemOf(error) };
  }
};

/** Quotes only the error's name, because a service's message may name accounts and keys. */
const problemOf = (error: unknown): string => {
  const name = error instanceof Error ? error.name : 'unknown';
  return `Your git key could not be decrypted (${name.slice(0, 60)}), so git in this workspace has no key. Restart the workspace; if the problem persists, create a new key with "berth git-key rotate".`;
};
