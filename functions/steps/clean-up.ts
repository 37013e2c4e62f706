import type { WorkflowInput } from '../../contracts/events.ts';
import { BerthError } from '../../core/errors.ts';
import { beginStep, endStep } from '../../core/workspaces/steps.ts';
import { computeOf, findActive, type Settled, type StepFunction, untilSettled } from './build.ts';

/** After a start that failed or was canceled: no compute is left running. What persists is kept. */
export const cleanUp: StepFunction<WorkflowInput, Settled> = (runtime) => async (input) => {
  const active = await findActive(runtime, input);
  // Over already: what runs by now is a newer build's, and none of this one's business.
  const kind = active && (await kindOrNone(runtime, active));
  if (active === undefined || kind === undefined) return { settled: true, waitSeconds: 0 };
  const { table, clock } = runtime.rules;
  await beginStep(table, active.build, 'clean-up', clock());
  const settled = await untilSettled(() => kind.stop({ id: active.workspace.id }));
  if (settled.settled) await endStep(table, active.build, 'clean-up', { status: 'succeeded' }, clock());
  return settled;
};

/** A template that names no kind we have, or breaks its rules, has created nothing. */
const kindOrNone = async (...args: Parameters<typeof computeOf>) => {
  try {
    return (await computeOf(...args)).kind;
  } catch (error) {
    if (error instanceof BerthError && error.name === 'invalid_template') return undefined;
    throw error;
  }
};
