import type { WorkflowInput } from '../../contracts/events.ts';
import { durationMs } from '../../contracts/template.ts';
import { BerthError } from '../../core/errors.ts';
import { fromItem } from '../../core/item.ts';
import { isDeactivated } from '../../core/people/people.ts';
import { usualKey } from '../../core/templates/record.ts';
import { markRunning } from '../../core/workspaces/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { ComputeRuntime } from '../runtime.ts';
import { computeOf, loadWanted, type StepFunction } from './build.ts';

/** Slack for the compute to boot and the agent to dial in, beside the startup script's own limit. */
const connectSeconds = 120;

/** Takes the build up: checks that its owner is active and its template can run, and says how long the agent may take. */
export const plan: StepFunction<WorkflowInput, unknown, ComputeRuntime> = (runtime) => async (input) => {
  const active = await loadWanted(runtime, input);
  const { table, clock } = runtime.rules;
  const usualItem = await table.get(usualKey(active.build.template.name));
  const usual = usualItem === undefined ? {} : fromItem<{ steps: Record<string, number> }>(usualItem).steps;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    const build = await loadBuild(table, workspace.id, workspace.build.number);
    if (build?.id !== input.buildId) return undefined;
    const step = markRunning(workspace, build, clock());
    return step.builds.length === 0 ? undefined : { ...step, builds: step.builds.map((b) => ({ ...b, usual })) };
  });
  if (await isDeactivated(table, active.workspace.ownerId)) throw ownerLeft(active.workspace.ownerName);
  const compute = await computeOf(runtime, active);
  compute.kind.plan(compute.run);
  return { agentTimeoutSeconds: Math.ceil(durationMs(compute.startupTimeout) / 1000) + connectSeconds };
};

/** However the start was asked for: a request that was under way when they were deactivated, or another's. */
const ownerLeft = (name: string) =>
  new BerthError('forbidden', `The account of ${name}, whose workspace it is, is not active.`);
