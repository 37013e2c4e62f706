import { explain } from '../../steps/explain.ts';
import { log } from '../log.ts';
import { stepHandler } from '../step.ts';

export const handler = stepHandler(explain({ log }));
