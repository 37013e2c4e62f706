import {
  type CancellationReason,
  DynamoDBServiceException,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { BerthError } from '../../core/errors.ts';
import { type Item, WriteConflict } from '../../core/ports.ts';
import { type Backoff, waitAfter } from '../backoff.ts';
import { itemTooLarge } from './values.ts';

/** 8 tries with at most 20 ms, 40 ms … 1 s between them: 2.3 s of waiting at the longest, 1.1 s on average. */
const backoff: Backoff = { attempts: 8, firstWaitMs: 20, longestWaitMs: 1_000 };

const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

const reasonsOf = (error: unknown): CancellationReason[] =>
  error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];

/** What passes by itself and the SDK does not try again: it looks at names, and these stand in the reasons. */
const isPassing = (error: unknown): boolean =>
  error instanceof TransactionConflictException || reasonsOf(error).some(({ Code }) => passing.includes(Code ?? ''));

/** What the SDK has tried again already, with pauses of its own; more tries here would multiply with those. */
const isOverload = (error: unknown): boolean =>
  error instanceof TransactionInProgressException ||
  error instanceof ThrottlingException ||
  error instanceof ProvisionedThroughputExceededException ||
  error instanceof RequestLimitExceeded;

const lostChanges = (error: unknown): WriteConflict['lost'] =>
  reasonsOf(error).flatMap(({ Code, Item }, index) =>
    Code === 'ConditionalCheckFailed'
      ? [{ index, current: Item === undefined ? undefined : (unmarshall(Item) as Item) }]
      : [],
  );

/** DynamoDB has one error for all that is not valid and tells the kinds apart in words only. */
const invalidIn = (error: unknown): string | undefined => {
  const reason = reasonsOf(error).find(({ Code }) => Code === 'ValidationError');
  if (reason !== undefined) return reason.Message ?? '';
  return error instanceof DynamoDBServiceException && error.name === 'ValidationException' ? error.message : undefined;
};

const explained = (error: unknown): unknown => {
  if (isOverload(error)) return busy('The table takes no more at this moment', error);
  const lost = lostChanges(error);
  if (lost.length > 0) return new WriteConflict(lost);
  const invalid = invalidIn(error);
  if (invalid === undefined) return error;
  if (/size/i.test(invalid) && /exceed/i.test(invalid)) return itemTooLarge();
  if (/incorrect data type/.test(invalid)) return new TypeError('cannot add to what holds no number', { cause: error });
  return error;
};

const busy = (why: string, cause: unknown): BerthError =>
  new BerthError('conflict', `${why}, so nothing was written. Try again.`, { cause });

/**
 * Runs a write in the terms of the port: tries again, with jitter, what fails in passing, and throws `WriteConflict` for
 * conditions, `BerthError` `too_large` for sizes, `conflict` after the last try. `write` must be safe to repeat.
 */
export const retryWrite = async (write: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return;
    } catch (error) {
      // Conditions first: what lost for good is not tried again because another change met traffic.
      if (!isPassing(error) || lostChanges(error).length > 0) throw explained(error);
      if (attempt === backoff.attempts) throw busy('Too many others were writing the same at this moment', error);
    }
    await waitAfter(attempt, backoff);
  }
};
