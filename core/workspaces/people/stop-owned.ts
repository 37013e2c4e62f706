import type { Person } from '../../actor.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { nameKey, type WorkspaceRecord, workspaceNameItems } from '../records/workspace-record.ts';
import { requestStop } from '../rules/requests.ts';
import { changeWorkspace, loadActiveBuild } from '../store.ts';

type Stopper = Pick<Person, 'id' | 'name'> | 'system';

/**
 * Stops all running workspaces of a deactivated person, each with an audit event of the actor. A workspace that cannot
 * be stopped does not affect the others; its error is thrown at the end.
 */
export const stopOwnedWorkspaces = async (rules: Rules, actor: Stopper, ownerId: string): Promise<void> => {
  // By the claims on their names: unlike an index, the partition is strongly consistent.
  const { pk, sk: prefix } = nameKey(ownerId, '');
  const claims = await Array.fromAsync(everyItem(rules.table, { pk, prefix }));
  const stops = await Promise.allSettled(
    claims.map(async (claim) => stop(rules, actor, workspaceNameItems.read(claim).workspaceId)),
  );
  for (const outcome of stops) if (outcome.status === 'rejected') throw outcome.reason;
};

const stop = (rules: Rules, actor: Stopper, id: string) =>
  changeWorkspace(rules, id, async (workspace) => {
    if (!wantsToRun(workspace)) return undefined;
    const active = await loadActiveBuild(rules.table, workspace);
    const change = requestStop(
      workspace,
      active,
      { reason: 'person', requestedBy: actor === 'system' ? undefined : actor.name },
      rules.clock(),
    );
    const details = { build: change.workspace.build.number, reason: 'deactivated' };
    return { ...change, auditEvents: [{ action: 'workspace.stop', actor, details }] };
  });

/** A failed start leaves no compute running. */
const wantsToRun = ({ desired, status }: WorkspaceRecord): boolean => desired === 'running' && status !== 'failed';
