import { msOf } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { beginBuild, buildBeginEvent, noRun } from '../rules/lifecycle.ts';
import { changeWorkspace } from '../store.ts';

/** Repairs in a row without any activity; then the workspace stays failed until a person starts it. */
const maxRepairs = 3;

/** A loss of a workspace's compute. */
export interface Loss {
  /** Not the workspace's fault, for example when all of Berth was stopped. */
  expected: boolean;
  /** What happened to the compute, as a sentence. */
  because?: string;
}

/** The agent's last output may be long. */
const maxBecauseLength = 400;

/** Restarts a workspace whose compute was lost, if it is still the run that lost it. */
export const repairWorkspace = (rules: Rules, id: string, buildId: string, { expected, because }: Loss) =>
  changeWorkspace(rules, id, (workspace) => {
    if (workspace.status !== 'running' || workspace.build.id !== buildId) return undefined;
    const repairs = repairsOf(workspace, expected);
    if (repairs > maxRepairs) return giveUp(workspace);
    const request = { reason: 'repair' as const, because: because?.slice(0, maxBecauseLength) };
    const begun = beginBuild({ ...workspace, desired: 'running', repairs }, request, rules.clock());
    return { ...begun, auditEvents: [buildBeginEvent(begun.workspace.build)] };
  });

const repairsOf = ({ repairs, lastActivityAt }: WorkspaceRecord, expected: boolean): number => {
  if (expected) return 0;
  return lastActivityAt === undefined ? repairs + 1 : 1;
};

/** Retries a failed stop or delete once it is due. */
export const retryUnfinished = (rules: Rules, id: string) =>
  changeWorkspace(rules, id, (workspace) => {
    if (workspace.status !== 'failed' || workspace.desired === 'running') return undefined;
    if (workspace.retry !== undefined && msOf(workspace.retry.at) > rules.clock().getTime()) return undefined;
    const begun = beginBuild(workspace, { reason: 'repair' }, rules.clock());
    return { ...begun, auditEvents: [buildBeginEvent(begun.workspace.build)] };
  });

const giveUp = (workspace: WorkspaceRecord) => ({
  workspace: {
    ...workspace,
    ...noRun,
    status: 'failed' as const,
    failure: {
      error: 'compute_failed',
      message: `The workspace lost its compute ${maxRepairs} times in a row.`,
      action: 'Check its last builds, then start it again.',
    },
  },
  auditEvents: [
    {
      action: 'workspace.fail' as const,
      actor: 'system' as const,
      outcome: 'failure' as const,
      details: { build: workspace.build.number, error: 'compute_failed', repairs: maxRepairs },
    },
  ],
});
