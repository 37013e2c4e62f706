import type { AgentEvent } from '../../../contracts/agent/tunnel.ts';

/** The logs of one build, all steps together: far above any honest one, so that no agent fills the table. */
export const logLimitBytes = 10 * 1024 * 1024;

/** What the table takes for an item beside its text, so that a flood of empty lines is bounded too. */
const itemBytes = 100;

const notice = `\nThe log is longer than ${logLimitBytes / 1024 / 1024} MB; the rest is left out.\n`;

/** The events without the logs beyond the limit, of which the first becomes a line that says so; and the new count. */
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
