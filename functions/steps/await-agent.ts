import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { isConnected } from '../../core/connections/agents/lost-agents.ts';
import { beginStep, endStep, loadStep, stepKey } from '../../core/workspaces/records/steps.ts';
import { changeWorkspace, loadBuild, loadWorkspace } from '../../core/workspaces/store.ts';
import type { BuildRuntime } from '../runtime.ts';
import { type ActiveBuild, loadWanted, type StepFunction } from './build.ts';

/**
 * Stores the workflow's task token in the build. The change stream ends the wait as soon as the build has both the
 * token and the agent's outcome or a cancel, in either order.
 */
export const awaitAgent: StepFunction<WorkflowInput & { taskToken: string }> = (runtime) => async (input) => {
  const active = await loadWanted(runtime, input);
  const { table } = runtime.rules;
  await showStep(runtime, active);
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build?.id !== input.buildId) return undefined;
    return { builds: [{ ...build, taskToken: input.taskToken }] };
  });
};

/** Shows the step even when the agent connected first. A repeated execution already has it. */
const showStep = async ({ rules: { table, clock } }: BuildRuntime, { build }: ActiveBuild) => {
  if ((await loadStep(table, stepKey(build.workspaceId, build.number, 'agent'))) !== undefined) return;
  await beginStep(table, build, 'agent', clock());
  const workspace = await loadWorkspace(table, build.workspaceId);
  if (workspace !== undefined && isConnected(workspace)) {
    await endStep(table, build, 'agent', { status: 'succeeded' }, clock());
  }
};
