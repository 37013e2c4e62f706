import { fail } from '../../steps/fail.ts';
import { buildRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(fail(buildRuntime()));
