import { destroyCompute } from '../../steps/destroy-compute.ts';
import { computeRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(destroyCompute(computeRuntime()));
