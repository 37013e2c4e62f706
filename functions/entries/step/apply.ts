import { apply } from '../../steps/apply.ts';
import { startRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(apply(startRuntime()));
