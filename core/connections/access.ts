import { mayWorkspace, noWorkspace } from '../access.ts';
import { BerthError } from '../errors.ts';
import type { Access } from '../gateway.ts';
import { loadPerson, type PersonRecord, requireActive } from '../people/people.ts';
import { personOfToken } from '../people/tokens.ts';
import type { Rules } from '../rules.ts';
import { hashSecret } from '../secrets.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { loadWorkspace } from '../workspaces/store.ts';

/** Who holds a right: a person, perhaps by an API token, which may be revoked while its person stays. */
export type Holder = { personId: string; apiToken?: string };

/** A workspace that is to be deleted opens nothing any more, though its agent may live for a moment yet. */
export const requireKept = (workspace: WorkspaceRecord): WorkspaceRecord => {
  if (workspace.desired !== 'deleted' && workspace.status !== 'deleted') return workspace;
  throw new BerthError('wrong_state', `The workspace ${workspace.name} is deleted. Make a new one.`);
};

const personOf = async (rules: Rules, holder: Holder): Promise<PersonRecord> =>
  holder.apiToken === undefined
    ? requireActive(await loadPerson(rules.table, holder.personId))
    : personOfToken(rules, holder.apiToken);

/** The right of whoever opened something in a workspace, to be asked about again. */
export const accessOf = (rules: Rules, workspaceId: string, holder: Holder): Access => ({
  key: `${holder.apiToken === undefined ? holder.personId : hashSecret(holder.apiToken)}/${workspaceId}`,
  subjects: [holder.personId, workspaceId],
  stillAllowed: async () => {
    const [person, workspace] = await Promise.all([personOf(rules, holder), loadWorkspace(rules.table, workspaceId)]);
    if (workspace === undefined || !mayWorkspace(person, 'use', workspace)) throw noWorkspace(workspaceId);
    requireKept(workspace);
  },
});
