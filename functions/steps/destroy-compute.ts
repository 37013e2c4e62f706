import type { WorkflowInput } from '../../contracts/events.ts';
import type { ComputeRuntime } from '../runtime.ts';
import type { Settled, StepFunction } from './build.ts';
import { moveCompute } from './move-compute.ts';

/** Towards nothing left at all, the home included. */
export const destroyCompute: StepFunction<WorkflowInput, Settled, ComputeRuntime> = moveCompute('destroy');
