import { buildEndUpdate } from '../../core/workspaces/build-end.ts';
import { isActive } from '../../core/workspaces/records/build-record.ts';
import { explainFailure } from '../../core/workspaces/rules/failures.ts';
import type { BuildResult } from '../../core/workspaces/rules/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { StepFunction } from './build.ts';
import type { CaughtInput, Explained } from './explain.ts';

interface FailInput extends CaughtInput {
  explained: Explained;
  /** The failure of the clean-up, if it failed too. */
  cleanUpCaught?: CaughtInput['caught'];
}

/** Ends the build as failed or canceled. A build that ended already stays as it is. */
export const fail: StepFunction<FailInput> = (runtime) => async (input) => {
  const { table } = runtime.rules;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    if (workspace.build.id !== input.buildId) return undefined;
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build === undefined || !isActive(build.status)) return undefined;
    return buildEndUpdate(runtime.rules, workspace, build, endingOf(input));
  });
};

/**
 * A cancel whose clean-up failed may have left compute running, so the build ends as failed and the next build retries.
 */
const endingOf = ({ explained, cleanUpCaught }: FailInput): BuildResult => {
  if (!explained.canceled) return { status: 'failed', failure: explained.failure };
  if (cleanUpCaught === undefined) return { status: 'canceled' };
  const { Error: error, Cause: cause = '' } = cleanUpCaught;
  return { status: 'failed', failure: explainFailure({ error, cause }) };
};
