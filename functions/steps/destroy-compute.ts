import type { WorkflowInput } from '../../contracts/events.ts';
import type { Settled, StepFunction } from './build.ts';
import { moveCompute } from './move-compute.ts';

/** Towards nothing left at all, the home included. */
export const destroyCompute: StepFunction<WorkflowInput, Settled> = moveCompute('destroy');
