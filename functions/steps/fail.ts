import { endBuild } from '../../core/workspaces/lifecycle.ts';
import { isActive } from '../../core/workspaces/record.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { StepFunction } from './build.ts';
import type { CaughtInput, Explained } from './explain.ts';

/** Ends the build as failed, or as canceled. One that is over already is left as it is. */
export const fail: StepFunction<CaughtInput & { explained: Explained }> = (runtime) => async (input) => {
  const { table, clock } = runtime.rules;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    if (workspace.build.id !== input.buildId) return undefined;
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build === undefined || !isActive(build.status)) return undefined;
    const { explained } = input;
    const ending = explained.canceled
      ? ({ status: 'canceled' } as const)
      : ({ status: 'failed', failure: explained.failure } as const);
    return endBuild(workspace, build, ending, clock());
  });
};
