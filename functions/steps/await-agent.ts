import type { WorkflowInput } from '../../contracts/events.ts';
import { beginStep } from '../../core/workspaces/steps.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import { loadWanted, type StepFunction } from './build.ts';

/**
 * Leaves the workflow's task token with the build. The change stream ends the wait when the agent's outcome, or a
 * cancel, stands beside the token, whichever of them came first.
 */
export const awaitAgent: StepFunction<WorkflowInput & { taskToken: string }> = (runtime) => async (input) => {
  const active = await loadWanted(runtime, input);
  const { table, clock } = runtime.rules;
  if (active.workspace.agent === undefined) await beginStep(table, active.build, 'agent', clock());
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build?.id !== input.buildId) return undefined;
    return { builds: [{ ...build, taskToken: input.taskToken }] };
  });
};
