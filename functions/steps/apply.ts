import type { WorkflowInput } from '../../contracts/events.ts';
import { beginStep, endStep } from '../../core/workspaces/steps.ts';
import type { StartRuntime } from '../runtime.ts';
import { agentOf, computeOf, loadWanted, type Settled, type StepFunction, untilSettled } from './build.ts';

/** Moves the compute towards running; the workflow comes back until it is settled. */
export const apply: StepFunction<WorkflowInput, Settled, StartRuntime> = (runtime) => async (input) => {
  const active = await loadWanted(runtime, input);
  const { table, clock } = runtime.rules;
  await beginStep(table, active.build, 'compute', clock());
  const { kind, run } = await computeOf(runtime, active);
  const agent = await agentOf(runtime, active);
  const settled = await untilSettled(
    () => kind.apply({ ...run, agent }),
    () => loadWanted(runtime, input),
  );
  if (settled.settled) await endStep(table, active.build, 'compute', { status: 'succeeded' }, clock());
  return settled;
};
