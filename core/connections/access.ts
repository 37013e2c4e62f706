import { noWorkspace } from '../access.ts';
import { isOfBrowser, type Way } from '../browser-only.ts';
import { BerthError } from '../errors.ts';
import type { Access } from '../gateway.ts';
import { loadPerson, type PersonRecord, requireActive } from '../people/people.ts';
import { requireLiveToken } from '../people/tokens.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { loadWorkspace } from '../workspaces/store.ts';
import { requireWay, wayText } from './ways.ts';

/** Who holds a right: a person, perhaps by an API token (its id), which may be revoked while its person stays. */
export interface Holder {
  personId: string;
  apiToken?: string | undefined;
}

/** A workspace that is to be deleted opens nothing any more, though its agent may live for a moment yet. */
export const requireKept = (workspace: WorkspaceRecord): WorkspaceRecord => {
  if (workspace.desired !== 'deleted' && workspace.status !== 'deleted') return workspace;
  throw new BerthError('wrong_state', `The workspace ${workspace.name} is deleted. Make a new one.`);
};

const personOf = async (rules: Rules, { personId, apiToken }: Holder): Promise<PersonRecord> => {
  await requireLiveToken(rules, apiToken);
  return requireActive(await loadPerson(rules.table, personId));
};

/**
 * Connections that stand and fall together. An owner has every way, except that a browser-only workspace has some only;
 * of what is shared each way is a right of its own.
 */
const standOf = (holder: Holder, way: Way, workspace: WorkspaceRecord): string => {
  if (workspace.ownerId !== holder.personId) return wayText(way);
  return isOfBrowser(way, workspace) ? 'browser' : 'direct';
};

/** The right of whoever went a way into a workspace, to be asked about again. */
export const accessOf = (rules: Rules, workspace: WorkspaceRecord, holder: Holder, way: Way): Access => {
  const { id } = workspace;
  const who = holder.apiToken ?? holder.personId;
  return {
    key: `${who}/${id}/${standOf(holder, way, workspace)}`,
    subjects: [holder.personId, id],
    stillAllowed: async () => {
      const [person, found] = await Promise.all([personOf(rules, holder), loadWorkspace(rules.table, id)]);
      if (found === undefined) throw noWorkspace(id);
      await requireWay(rules, person, way, found);
      requireKept(found);
    },
  };
};
