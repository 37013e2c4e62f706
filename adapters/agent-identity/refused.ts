import { BerthError } from '../../core/errors.ts';

/** The client always receives the same message, so that a response does not reveal which check failed. */
export const agentRefused = (why: string, cause?: unknown): BerthError =>
  new BerthError('agent_refused', `The agent could not be authenticated: ${why}.`, { cause });
