import type { Context } from 'aws-lambda';
import { jsonLog, type Log } from '../../base/log.ts';

let requestId: string | undefined;

/** Adds the invocation's id to the lines logged from here on; a function has one invocation at a time. */
export const logsOf = ({ awsRequestId }: Pick<Context, 'awsRequestId'>): void => {
  requestId = awsRequestId;
};

/** A handler whose log lines carry its invocation's id. */
export const logged =
  <Event, Result>(handle: (event: Event) => Promise<Result>) =>
  (event: Event, context: Pick<Context, 'awsRequestId'>): Promise<Result> => {
    logsOf(context);
    return handle(event);
  };

export const log: Log = jsonLog(
  (line) => void process.stdout.write(line),
  () => ({ requestId }),
);
