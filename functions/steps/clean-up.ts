import type { ComputeKind } from '../../compute/kind.ts';
import type { WorkflowInput } from '../../contracts/events.ts';
import { BerthError } from '../../core/errors.ts';
import { beginStep, endStep } from '../../core/workspaces/steps.ts';
import type { ComputeRuntime } from '../runtime.ts';
import {
  type ActiveBuild,
  computeOf,
  findActive,
  loadActive,
  type Settled,
  type StepFunction,
  untilSettled,
} from './build.ts';

/** After a start that failed or was canceled: no compute is left running. What persists is kept. */
export const cleanUp: StepFunction<WorkflowInput, Settled, ComputeRuntime> = (runtime) => async (input) => {
  const active = await findActive(runtime, input);
  // Over already: what runs by now is a newer build's, and none of this one's business.
  const kind = active && (await kindOrNone(runtime, active));
  if (active === undefined || kind === undefined) return { settled: true, waitSeconds: 0 };
  const { table, clock } = runtime.rules;
  await tellWhatBroke(runtime, active, kind);
  await beginStep(table, active.build, 'clean-up', clock());
  const settled = await untilSettled(
    () => kind.stop({ id: active.workspace.id }),
    () => loadActive(runtime, input),
  );
  if (settled.settled) await endStep(table, active.build, 'clean-up', { status: 'succeeded' }, clock());
  return settled;
};

/**
 * Compute that broke while the agent was waited for tells why, at the step that waited: a container that took too much
 * memory, a machine that never booted. After the stop nobody could say any more.
 */
const tellWhatBroke = async (
  { rules }: ComputeRuntime,
  { workspace, build }: ActiveBuild,
  kind: ComputeKind<unknown>,
): Promise<void> => {
  const seen = await kind.observe({ id: workspace.id });
  if (seen.state !== 'failed') return;
  for (const step of ['agent', 'startup']) {
    await endStep(rules.table, build, step, { status: 'failed', message: seen.detail }, rules.clock());
  }
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
