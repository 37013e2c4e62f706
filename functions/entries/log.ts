import type { Context } from 'aws-lambda';
import { jsonLog, type Log } from '../../base/log.ts';

let requestId: string | undefined;

/** Adds the invocation's ID to all following log lines. A function handles one invocation at a time. */
export const setInvocation = ({ awsRequestId }: Pick<Context, 'awsRequestId'>): void => {
  requestId = awsRequestId;
};

/** Wraps a handler so that its log lines carry the ID of the invocation. */
export const logged =
  <Event, Result>(handle: (event: Event) => Promise<Result>) =>
  (event: Event, context: Pick<Context, 'awsRequestId'>): Promise<Result> => {
    setInvocation(context);
    return handle(event);
  };

export const log: Log = jsonLog(
  (line) => void process.stdout.write(line),
  () => ({ requestId }),
);
