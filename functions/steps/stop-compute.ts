import type { WorkflowInput } from '../../contracts/events.ts';
import type { Settled, StepFunction } from './build.ts';
import { moveCompute } from './move-compute.ts';

/** Towards no compute running; what persists is kept. */
export const stopCompute: StepFunction<WorkflowInput, Settled> = moveCompute('stop');
