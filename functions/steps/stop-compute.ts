import type { WorkflowInput } from '../../contracts/events.ts';
import type { ComputeRuntime } from '../runtime.ts';
import type { Settled, StepFunction } from './build.ts';
import { moveCompute } from './move-compute.ts';

/** Towards no compute running; what persists is kept. */
export const stopCompute: StepFunction<WorkflowInput, Settled, ComputeRuntime> = moveCompute('stop');
