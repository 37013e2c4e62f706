import { msOf } from '../instant.ts';
import type { Rules } from '../rules.ts';
import { beginAct, beginBuild, noRun } from './lifecycle.ts';
import type { WorkspaceRecord } from './record.ts';
import { changeWorkspace } from './store.ts';

/** Starts in a row without ever being used: then it is left failed, for a person to look at. */
const maxRepairs = 3;

/**
 * Starts a workspace again whose compute was lost, if it is still in the run that lost it. `expected` is a loss that
 * says nothing against the workspace, as when the whole of Berth was stopped.
 */
export const repairWorkspace = (rules: Rules, id: string, buildId: string, { expected }: { expected: boolean }) =>
  changeWorkspace(rules, id, (workspace) => {
    if (workspace.status !== 'running' || workspace.build.id !== buildId) return undefined;
    const repairs = repairsOf(workspace, expected);
    if (repairs > maxRepairs) return giveUp(workspace);
    const begun = beginBuild({ ...workspace, desired: 'running', repairs }, { reason: 'repair' }, rules.clock());
    return { ...begun, acts: [beginAct(begun.workspace.build)] };
  });

const repairsOf = ({ repairs, lastActivityAt }: WorkspaceRecord, expected: boolean): number => {
  if (expected) return 0;
  return lastActivityAt === undefined ? repairs + 1 : 1;
};

/** A stop or delete that failed is tried again once its time has come. */
export const retryUnfinished = (rules: Rules, id: string) =>
  changeWorkspace(rules, id, (workspace) => {
    if (workspace.status !== 'failed' || workspace.desired === 'running') return undefined;
    if (workspace.retry !== undefined && msOf(workspace.retry.at) > rules.clock().getTime()) return undefined;
    const begun = beginBuild(workspace, { reason: 'repair' }, rules.clock());
    return { ...begun, acts: [beginAct(begun.workspace.build)] };
  });

const giveUp = (workspace: WorkspaceRecord) => ({
  workspace: {
    ...workspace,
    ...noRun,
    status: 'failed' as const,
    failure: {
      error: 'compute_failed',
      message: `The workspace lost its compute ${maxRepairs} times in a row.`,
      action: 'Look at its last builds, then start it again.',
    },
  },
  acts: [
    {
      action: 'workspace.fail' as const,
      actor: 'system' as const,
      outcome: 'failure' as const,
      details: { build: workspace.build.number, error: 'compute_failed', repairs: maxRepairs },
    },
  ],
});
