import { stopCompute } from '../../steps/stop-compute.ts';
import { computeRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(stopCompute(computeRuntime()));
