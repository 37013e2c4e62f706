import { complete } from '../../steps/complete.ts';
import { buildRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(complete(buildRuntime()));
