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
import { fullJitter } from '../../../base/back-off.ts';
import { retry } from '../../../base/retry.ts';
import { BerthError } from '../../../core/errors.ts';
import { type Item, WriteConflict } from '../../../core/ports/table.ts';
import { itemTooLarge } from '../values.ts';

/** 8 attempts with delays of at most 20 ms, 40 ms … 1 s: 2.3 s of waiting at most, 1.1 s on average. */
const backOff = { attempts: 8, firstDelayMs: 20, longestDelayMs: 1_000, jitter: fullJitter };

const transient = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

const reasonsOf = (error: unknown): CancellationReason[] =>
  error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];

/** Transient reasons that the SDK does not retry: it checks error names, and these are cancellation reasons. */
const isTransient = (error: unknown): boolean =>
  error instanceof TransactionConflictException || reasonsOf(error).some(({ Code }) => transient.includes(Code ?? ''));

/** Errors that the SDK has retried with its own back-off; retries here would multiply with those. */
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

/** DynamoDB has one error for all invalid requests; only the message distinguishes them. */
const invalidIn = (error: unknown): string | undefined => {
  const reason = reasonsOf(error).find(({ Code }) => Code === 'ValidationError');
  if (reason !== undefined) return reason.Message ?? '';
  return error instanceof DynamoDBServiceException && error.name === 'ValidationException' ? error.message : undefined;
};

const explained = (error: unknown): unknown => {
  if (isOverload(error)) return busy('The table accepts no more requests at the moment', error);
  const lost = lostChanges(error);
  if (lost.length > 0) return new WriteConflict(lost);
  const invalid = invalidIn(error);
  if (invalid === undefined) return error;
  if (/size/i.test(invalid) && /exceed/i.test(invalid)) return itemTooLarge();
  if (/incorrect data type/.test(invalid))
    return new TypeError('cannot add to an attribute that is not a number', { cause: error });
  return error;
};

const busy = (why: string, cause: unknown): BerthError =>
  new BerthError('conflict', `${why}, so nothing was written. Try again.`, { cause });

/**
 * Runs a write with the errors of the port: retries transient failures with jitter, and throws `WriteConflict` for
 * failed conditions, `BerthError` `too_large` for sizes and `conflict` after the last attempt. `write` must be
 * idempotent.
 */
export const retryWrite = async (write: () => Promise<unknown>): Promise<void> => {
  try {
    await retry(write, { ...backOff, isRetryable });
  } catch (error) {
    if (isRetryable(error)) throw busy('Too many requests changed the same data at the same time', error);
    throw explained(error);
  }
};

/** A write with a failed condition is not retried, even if another of its changes failed with a transient conflict. */
const isRetryable = (error: unknown): boolean => isTransient(error) && lostChanges(error).length === 0;
