import type { WorkflowInput } from '../../contracts/events.ts';
import { findVersion } from '../../core/templates/store.ts';
import { markRunning } from '../../core/workspaces/lifecycle.ts';
import { beginStep, endStep } from '../../core/workspaces/steps.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { ComputeRuntime } from '../runtime.ts';
import { loadActive, type Settled, type StepFunction, untilSettled } from './build.ts';

/** What stopping and deleting share: take the build up, show the step, move the compute one step closer. */
export const moveCompute =
  (verb: 'stop' | 'destroy'): StepFunction<WorkflowInput, Settled, ComputeRuntime> =>
  (runtime) =>
  async (input) => {
    const { workspace, build } = await loadActive(runtime, input);
    const { table, clock } = runtime.rules;
    await changeWorkspace(runtime.rules, workspace.id, async (current) => {
      const found = await loadBuild(table, workspace.id, build.number);
      if (found === undefined || current.build.id !== build.id || found.status !== 'pending') return undefined;
      return markRunning(current, found, clock());
    });
    await beginStep(table, build, verb, clock());
    const { file } = await findVersion(table, build.template.name, build.template.version);
    const kind = runtime.compute.get(file.compute.kind);
    const settled = await untilSettled(
      () => kind[verb]({ id: workspace.id }),
      () => loadActive(runtime, input),
    );
    if (settled.settled) await endStep(table, build, verb, { status: 'succeeded' }, clock());
    return settled;
  };
