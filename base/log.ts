import { loggableValue } from './redact.ts';

type LogLevel = 'info' | 'warn' | 'error';

export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/**
 * Writes one line of JSON per message, without secrets. The fields are named as Lambda names them in its own JSON log
 * lines, so one CloudWatch Logs Insights query covers both.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export const jsonLog =
  (write: (line: string) => void, context: () => Record<string, unknown> = () => ({})): Log =>
  (level, message, fields = {}) => {
    const line = { timestamp: new Date().toISOString(), level: level.toUpperCase(), message, ...context(), ...fields };
    write(`${JSON.stringify(line, loggableValue)}\n`);
  };
