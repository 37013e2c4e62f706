import { awaitAgent } from '../../steps/await-agent.ts';
import { buildRuntime } from '../aws/steps.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(awaitAgent(buildRuntime()));
