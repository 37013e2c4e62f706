import type { AgentEvent } from '../../../contracts/agent/tunnel.ts';

/** For the logs of all steps of a build: far above any legitimate log, so that no agent fills the table. */
export const logLimitBytes = 10 * 1024 * 1024;

/** Size of an item in addition to its text, so that many empty lines are limited too. */
const itemBytes = 100;

const notice = `\nThe log is longer than ${logLimitBytes / 1024 / 1024} MB. The rest is omitted.\n`;

/** Removes the logs beyond the limit, except that the first becomes a notice. Also returns the new size of the logs. */
export const withinLogLimit = (
  events: readonly AgentEvent[],
  before = 0,
): { events: AgentEvent[]; logBytes: number } => {
  let logBytes = before;
  const kept = events.flatMap((event): AgentEvent[] => {
    if (event.type !== 'log') return [event];
    if (logBytes > logLimitBytes) return [];
    logBytes += Buffer.byteLength(event.text) + itemBytes;
    return [logBytes > logLimitBytes ? { ...event, text: notice } : event];
  });
  return { events: kept, logBytes };
};
