import { durationMs } from '../../contracts/values/duration.ts';
import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { BerthError } from '../../core/errors.ts';
import { isDeactivated } from '../../core/people/person-record.ts';
import { usualItems, usualKey } from '../../core/templates/template-record.ts';
import { markRunning } from '../../core/workspaces/rules/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { ComputeRuntime } from '../runtime.ts';
import { computeOf, loadWanted, type StepFunction } from './build.ts';

/** Time for booting the compute and connecting the agent, in addition to the startup script's own timeout. */
const connectSeconds = 120;

/** Begins the build: checks that the owner is active and the template valid, and returns the timeout for the agent. */
export const plan: StepFunction<WorkflowInput, unknown, ComputeRuntime> = (runtime) => async (input) => {
  const active = await loadWanted(runtime, input);
  const { table, clock } = runtime.rules;
  const usualItem = await table.get(usualKey(active.build.template.name));
  const usual = usualItem === undefined ? {} : usualItems.read(usualItem).steps;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build?.id !== input.buildId) return undefined;
    const step = markRunning(workspace, build, clock());
    return step.builds.length === 0
      ? undefined
      : { ...step, builds: step.builds.map((build) => ({ ...build, usual })) };
  });
  if (await isDeactivated(table, active.workspace.ownerId)) throw ownerLeft(active.workspace.ownerName);
  const compute = await computeOf(runtime, active);
  compute.kind.plan(compute.run);
  return { agentTimeoutSeconds: Math.ceil(durationMs(compute.startupTimeout) / 1000) + connectSeconds };
};

/** Checked here because the start may have been requested before the owner was deactivated, or by another person. */
const ownerLeft = (name: string) =>
  new BerthError('forbidden', `The account of ${name}, the owner of the workspace, is not active.`);
