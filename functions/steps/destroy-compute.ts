import type { ComputeRuntime } from '../runtime.ts';
import type { Settled, StepFunction } from './build.ts';
import { type MoveInput, moveCompute } from './move-compute.ts';

/** Destroys everything, including the home. */
export const destroyCompute: StepFunction<MoveInput, Settled, ComputeRuntime> = moveCompute('destroy');
