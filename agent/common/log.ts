import { loggableText } from '../../base/redact.ts';

/** Writes a line of the agent's log to stderr, which the compute stores. */
export const log = (message: string): void => console.error(`berth-agent: ${loggableText(message)}`);
