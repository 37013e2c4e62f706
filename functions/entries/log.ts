import type { Context } from 'aws-lambda';
import type { Log } from '../runtime.ts';

/** Bearer tokens of any kind: none is logged on purpose, and none by an error that quotes it. */
const secrets = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bberth_[\w-]+|\bws-[0-9a-z]{26}\.\d+\.[\w-]{43}/g;
const longestText = 4_000;

/** A text without secrets, of bounded length. */
export const harmless = (text: string): string => text.replace(secrets, '[secret]').slice(0, longestText);

let requestId: string | undefined;

/** Makes the lines logged from here on carry the invocation's id; a function has one invocation at a time. */
export const logsOf = ({ awsRequestId }: Pick<Context, 'awsRequestId'>): void => {
  requestId = awsRequestId;
};

const plainError = (error: Error): object => ({
  name: error.name,
  message: error.message,
  stack: error.stack,
  ...(error.cause === undefined ? {} : { cause: error.cause }),
});

const replacer = (_: string, value: unknown): unknown => {
  if (value instanceof Error) return plainError(value);
  return typeof value === 'string' ? harmless(value) : value;
};

/** One line of JSON per message, as CloudWatch Logs takes them apart. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (level, message, fields = {}) => {
    const line = { timestamp: new Date().toISOString(), level: level.toUpperCase(), message, requestId, ...fields };
    write(`${JSON.stringify(line, replacer)}\n`);
  };

/** A handler whose log lines carry its invocation's id. */
export const logged =
  <Event, Result>(handle: (event: Event) => Promise<Result>) =>
  (event: Event, context: Pick<Context, 'awsRequestId'>): Promise<Result> => {
    logsOf(context);
    return handle(event);
  };

export const log: Log = jsonLog((line) => void process.stdout.write(line));
