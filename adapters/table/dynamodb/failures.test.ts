import {
  type AttributeValue,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it, vi } from 'vitest';
import { WriteConflict } from '../../../core/ports/table.ts';
import { retryWrite } from './failures.ts';

const $metadata = {};
const canceled = (
  ...CancellationReasons: { Code: string; Message?: string; Item?: Record<string, AttributeValue> }[]
) => new TransactionCanceledException({ message: 'canceled', $metadata, CancellationReasons });
const failing = (...errors: Error[]) => {
  const write = vi.fn(async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
  });
  return write;
};

it('retries transient failures', async () => {
  const write = failing(
    canceled({ Code: 'None' }, { Code: 'TransactionConflict' }),
    canceled({ Code: 'ThrottlingError' }),
    new TransactionConflictException({ message: 'conflict', $metadata }),
  );
  await retryWrite(write);
  expect(write).toHaveBeenCalledTimes(4);
});

it('a failure that the SDK has retried is not retried again', async () => {
  const write = failing(new ProvisionedThroughputExceededException({ message: 'slow down', $metadata }));
  await expect(retryWrite(write)).rejects.toMatchObject({
    name: 'conflict',
    message: expect.stringMatching(/accepts no more/),
  });
  expect(write).toHaveBeenCalledTimes(1);
});

it('throws a conflict after 8 attempts', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const write = failing(...Array.from({ length: 9 }, () => canceled({ Code: 'TransactionConflict' })));
  await expect(retryWrite(write)).rejects.toMatchObject({ name: 'conflict' });
  expect(write).toHaveBeenCalledTimes(8);
});

it('a failed condition is not retried, even beside a transient failure', async () => {
  const winner = { pk: 'p', sk: 's', by: 'ada' };
  const write = failing(
    canceled({ Code: 'TransactionConflict' }, { Code: 'ConditionalCheckFailed', Item: marshall(winner) }),
  );
  const error = await retryWrite(write).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WriteConflict);
  expect((error as WriteConflict).lost).toEqual([{ index: 1, current: winner }]);
  expect(write).toHaveBeenCalledTimes(1);
});

it('sizes and types that only DynamoDB can check become the errors of the port', async () => {
  const invalid = (Message: string) => failing(canceled({ Code: 'ValidationError', Message }));
  await expect(retryWrite(invalid('Item size to update has exceeded the maximum allowed size'))).rejects.toMatchObject({
    name: 'too_large',
  });
  await expect(
    retryWrite(invalid('An operand in the update expression has an incorrect data type')),
  ).rejects.toBeInstanceOf(TypeError);
});

it('other errors are thrown unchanged, without a retry', async () => {
  const write = failing(new Error('no connection'));
  await expect(retryWrite(write)).rejects.toThrow('no connection');
  expect(write).toHaveBeenCalledTimes(1);
});
