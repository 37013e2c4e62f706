import type { Person } from '../../actor.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { nameKey, type WorkspaceRecord, workspaceNameItems } from '../records/workspace-record.ts';
import { requestStop } from '../rules/requests.ts';
import { changeWorkspace, loadActiveBuild } from '../store.ts';

type Stopper = Pick<Person, 'id' | 'name'> | 'system';

/**
 * Stops all workspaces of a person who was deactivated, each as the actor's audited act; those that do not run are left
 * as they are. One that cannot be changed right now keeps none of the others from it; its error is thrown at the end.
 */
export const stopWorkspacesOf = async (rules: Rules, actor: Stopper, ownerId: string): Promise<void> => {
  // By the claims of their names, which no index shows late.
  const { pk, sk: prefix } = nameKey(ownerId, '');
  const claims = await Array.fromAsync(everyItem(rules.table, { pk, prefix }));
  const stops = await Promise.allSettled(
    claims.map(async (claim) => stop(rules, actor, workspaceNameItems.read(claim).workspaceId)),
  );
  for (const outcome of stops) if (outcome.status === 'rejected') throw outcome.reason;
};

const stop = (rules: Rules, actor: Stopper, id: string) =>
  changeWorkspace(rules, id, async (workspace) => {
    if (!isUp(workspace)) return undefined;
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

/** Of a failed start nothing is left that runs. */
const isUp = ({ desired, status }: WorkspaceRecord): boolean => desired === 'running' && status !== 'failed';
