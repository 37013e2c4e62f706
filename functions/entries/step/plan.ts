import { plan } from '../../steps/plan.ts';
import { computeRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(plan(computeRuntime()));
