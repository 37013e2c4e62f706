import { loggableValue } from './redact.ts';

type LogLevel = 'info' | 'warn' | 'error';

export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/**
 * Writes one line of JSON per message, with recognized secrets redacted. `timestamp`, `level`, `message` and
 * `requestId` are named as Lambda names them in its own JSON log lines, so one CloudWatch Logs Insights query covers
 * both. Fields have the same names in all layers:
 *
 * - `error`: the thrown value itself, so that its stack and causes are logged. `reason`: a reason in words, when there
 *   is no error.
 * - `workspace`, `build`, `home`, `person`, `execution`, `replica`: ids. (If a session was refused, `workspace` is the
 *   reference in the request.) `template`, `app`, `consumer`: names.
 * - `kind`: a compute kind. `session`: the kind of a session. `record`: the sequence number of a record of a change
 *   stream.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export const jsonLog =
  (write: (line: string) => void, context: () => Record<string, unknown> = () => ({})): Log =>
  (level, message, fields = {}) => {
    const line = { timestamp: new Date().toISOString(), level: level.toUpperCase(), message, ...context(), ...fields };
    write(`${JSON.stringify(line, loggableValue)}\n`);
  };
