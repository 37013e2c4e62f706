import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { BerthError } from '../../core/errors.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import { beginStep, endStep, noteStep } from '../../core/workspaces/records/steps.ts';
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

type CleanUpInput = WorkflowInput & { cleanUp?: Settled };

/** Stops the compute of a start that failed or was canceled. The home is kept. */
export const cleanUp: StepFunction<CleanUpInput, Settled, ComputeRuntime> = (runtime) => async (input) => {
  const active = await findActive(runtime, input);
  // The build ended already: compute that runs now belongs to a newer build.
  const kind = active && (await kindOrNone(runtime, active));
  if (active === undefined || kind === undefined) return { settled: true, waitSeconds: 0 };
  const { table, clock } = runtime.rules;
  await recordComputeFailure(runtime, active, kind);
  await beginStep(table, active.build, 'clean-up', clock());
  const settled = await untilSettled(
    () => kind.stop({ id: active.workspace.id }),
    () => loadActive(runtime, input),
    (detail) => noteStep(table, active.build, 'clean-up', detail),
    input.cleanUp,
  );
  if (settled.settled) await endStep(table, active.build, 'clean-up', { status: 'succeeded' }, clock());
  return settled;
};

/**
 * Records why the compute failed while the build waited for the agent, for example a container out of memory or a VM
 * that did not boot. After the stop, the reason is lost.
 */
const recordComputeFailure = async (
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

/** A template with an unknown compute kind or an invalid spec has created nothing. */
const kindOrNone = async (...args: Parameters<typeof computeOf>) => {
  try {
    return (await computeOf(...args)).kind;
  } catch (error) {
    if (error instanceof BerthError && error.name === 'invalid_template') return undefined;
    throw error;
  }
};
