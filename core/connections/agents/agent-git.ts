import type { GitSetup } from '../../../contracts/agent/tunnel.ts';
import { openGitKey } from '../../people/git-key.ts';
import { loadPerson } from '../../people/people.ts';
import type { Sealer } from '../../ports/sealer.ts';
import type { Table } from '../../ports/table.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';

/** What opens git keys, and nothing else. */
export type Opener = Pick<Sealer, 'open'>;

/** How the owner's git works in their workspace. A key that cannot be opened is told there, and holds nothing up. */
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

/** The error's name alone: what a service says of a refusal names accounts and keys. */
const problemOf = (error: unknown): string => {
  const name = error instanceof Error ? error.name : 'unknown';
  return `Your git key could not be opened (${name.slice(0, 60)}), so git has no key here. Start the workspace again; if that does not help, make another key with "berth git-key rotate".`;
};
