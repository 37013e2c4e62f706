import type { ComputeRuntime } from '../runtime.ts';
import type { Settled, StepFunction } from './build.ts';
import { type MoveInput, moveCompute } from './move-compute.ts';

/** Stops the compute; the home is kept. */
export const stopCompute: StepFunction<MoveInput, Settled, ComputeRuntime> = moveCompute('stop');
