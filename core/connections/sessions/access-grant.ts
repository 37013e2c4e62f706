import { accessTargetText, requireAccess } from '../../access/access-targets.ts';
import { type AccessTarget, isBrowserTarget } from '../../access/browser-only.ts';
import { workspaceNotFound } from '../../access/policy.ts';
import { BerthError } from '../../errors.ts';
import type { AccessGrant } from '../../gateway.ts';
import { loadPerson, type PersonRecord, requireActive } from '../../people/person-record.ts';
import { requireLiveToken } from '../../people/tokens.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { loadWorkspace } from '../../workspaces/store.ts';

/** A person, with the id of the API token they used, if any: the token may be revoked while the person stays active. */
export interface CredentialHolder {
  personId: string;
  apiToken?: string | undefined;
}

/** Refuses connections to a workspace that is being deleted, although its agent may still be connected. */
export const requireNotDeleted = (workspace: WorkspaceRecord): WorkspaceRecord => {
  if (workspace.desired !== 'deleted' && workspace.status !== 'deleted') return workspace;
  throw new BerthError('wrong_state', `The workspace ${workspace.name} was deleted. Create a new one.`);
};

const personOf = async (rules: Rules, { personId, apiToken }: CredentialHolder): Promise<PersonRecord> => {
  await requireLiveToken(rules, apiToken);
  return requireActive(await loadPerson(rules.table, personId));
};

/**
 * Groups the targets that one check decides about. An owner may open every target, except that a browser-only workspace
 * has only some; for other people each target is a separate permission.
 */
const groupOf = (holder: CredentialHolder, target: AccessTarget, workspace: WorkspaceRecord): string => {
  if (workspace.ownerId !== holder.personId) return accessTargetText(target);
  return isBrowserTarget(target, workspace) ? 'browser' : 'direct';
};

/** The permission behind an opened target, with a check that can be repeated. */
export const accessGrantFor = (
  rules: Rules,
  workspace: WorkspaceRecord,
  holder: CredentialHolder,
  target: AccessTarget,
): AccessGrant => {
  const { id } = workspace;
  const who = holder.apiToken ?? holder.personId;
  return {
    key: `${who}/${id}/${groupOf(holder, target, workspace)}`,
    subjects: [holder.personId, id],
    recheck: async () => {
      const [person, found] = await Promise.all([personOf(rules, holder), loadWorkspace(rules.table, id)]);
      if (found === undefined) throw workspaceNotFound(id);
      await requireAccess(rules, person, target, found);
      requireNotDeleted(found);
    },
  };
};
