import { cleanUp } from '../../steps/clean-up.ts';
import { computeRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(cleanUp(computeRuntime()));
