import { explainFailure } from '../../core/failures.ts';
import { decideEnd } from '../../core/workspaces/ending.ts';
import type { Ending } from '../../core/workspaces/lifecycle.ts';
import { isActive } from '../../core/workspaces/record.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { StepFunction } from './build.ts';
import type { CaughtInput, Explained } from './explain.ts';

export interface FailInput extends CaughtInput {
  explained: Explained;
  /** What the clean-up came to, when even that failed. */
  cleanUpCaught?: CaughtInput['caught'];
}

/** Ends the build as failed, or as canceled. One that is over already is left as it is. */
export const fail: StepFunction<FailInput> = (runtime) => async (input) => {
  const { table } = runtime.rules;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    if (workspace.build.id !== input.buildId) return undefined;
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build === undefined || !isActive(build.status)) return undefined;
    return decideEnd(runtime.rules, workspace, build, endingOf(input));
  });
};

/** A cancel whose clean-up failed left compute running: it is a failure, and the build that was asked for sees to it. */
const endingOf = ({ explained, cleanUpCaught }: FailInput): Ending => {
  if (!explained.canceled) return { status: 'failed', failure: explained.failure };
  if (cleanUpCaught === undefined) return { status: 'canceled' };
  const { Error: error, Cause: cause = '' } = cleanUpCaught;
  return { status: 'failed', failure: explainFailure({ error, cause }) };
};
