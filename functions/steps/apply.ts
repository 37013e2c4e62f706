import { setTimeout as wait } from 'node:timers/promises';
import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { relaunchAfterLoss } from '../../core/connections/agents/agent-relaunch.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import { beginStep, endStep, noteStep } from '../../core/workspaces/records/steps.ts';
import type { StartRuntime } from '../runtime.ts';
import { agentOf, computeOf, loadWanted, type Settled, type StepFunction, untilSettled } from './build.ts';

/** An agent's connection ends shortly before its compute does, longer on a busy machine. */
const observations = 4;
const pauseMs = 250;

/** Why the compute is gone; `undefined` while it runs. */
const observeLoss = async (kind: ComputeKind<unknown>, id: string): Promise<string | undefined> => {
  for (let attempt = 1; attempt <= observations; attempt++) {
    if (attempt > 1) await wait(pauseMs);
    const seen = await kind.observe({ id });
    if (seen.state === 'failed') return seen.detail;
    if (seen.state !== 'running' && seen.state !== 'starting') return 'its compute was gone';
  }
  return undefined;
};

/** Moves the compute towards running. The workflow repeats the step until it is settled. */
export const apply: StepFunction<WorkflowInput & { apply?: Settled }, Settled, StartRuntime> =
  (runtime) => async (input) => {
    const found = await loadWanted(runtime, input);
    const { table, clock } = runtime.rules;
    await beginStep(table, found.build, 'compute', clock());
    const { kind, run } = await computeOf(runtime, found);
    const isRelaunched = await relaunchAfterLoss(runtime.rules, found, () => observeLoss(kind, input.workspaceId));
    const active = isRelaunched ? await loadWanted(runtime, input) : found;
    const agent = await agentOf(runtime, active);
    const settled = await untilSettled(
      () => kind.apply({ ...run, agent }),
      () => loadWanted(runtime, input),
      (detail) => noteStep(table, active.build, 'compute', detail),
      input.apply,
    );
    if (settled.settled) {
      const { notice: message } = settled;
      const ending = { status: 'succeeded' as const, ...(message === undefined ? {} : { message }) };
      await endStep(table, active.build, 'compute', ending, clock());
    }
    return settled;
  };
