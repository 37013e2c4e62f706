import { setTimeout as wait } from 'node:timers/promises';
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
import { itemTooLarge } from './values.ts';

/** 8 tries with at most 20 ms, 40 ms … 1 s between them: 2.3 s of waiting at the longest, 1.1 s on average. */
const attempts = 8;
const firstWaitMs = 20;
const longestWaitMs = 1_000;

const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

const reasonsOf = (error: unknown): CancellationReason[] =>
  error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];

const isPassing = (error: unknown): boolean =>
  error instanceof TransactionConflictException ||
  error instanceof TransactionInProgressException ||
  error instanceof ThrottlingException ||
  error instanceof ProvisionedThroughputExceededException ||
  error instanceof RequestLimitExceeded ||
  reasonsOf(error).some(({ Code }) => passing.includes(Code ?? ''));

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
  const lost = lostChanges(error);
  if (lost.length > 0) return new WriteConflict(lost);
  const invalid = invalidIn(error);
  if (invalid === undefined) return error;
  if (/size/i.test(invalid) && /exceed/i.test(invalid)) return itemTooLarge();
  if (/incorrect data type/.test(invalid)) return new TypeError('cannot add to what holds no number', { cause: error });
  return error;
};

const busy = (error: unknown): BerthError =>
  new BerthError(
    'conflict',
    'Too many others were writing the same at this moment, so nothing was written. Try again.',
    {
      cause: error,
    },
  );

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
      if (attempt === attempts) throw busy(error);
    }
    await wait(Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)));
  }
};
