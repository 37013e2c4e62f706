import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChangeRecord, Item } from '../../core/ports.ts';
import { changeRecordOf, streamRecordOf } from './stream-records.ts';

const key = { pk: 'p', sk: 's' };

it.each<[string, Partial<ChangeRecord>]>([
  ['INSERT', { after: { ...key, n: 1 } }],
  ['MODIFY', { before: { ...key, n: 1 }, after: { ...key, n: 2 } }],
  ['REMOVE', { before: { ...key, n: 1 } }],
])('%s as Lambda gets it', (eventName, images) => {
  expect(streamRecordOf({ seq: '7', key, ...images })).toMatchObject({
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: { Keys: { pk: { S: 'p' }, sk: { S: 's' } }, SequenceNumber: '7' },
  });
});

it('keeps every digit of a sequence number', () => {
  const seq = '111000000000000000000000000000000000012';
  expect(changeRecordOf(streamRecordOf({ seq, key, after: key })).seq).toBe(seq);
});

it('there and back is the same', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/).filter((text) => text !== 'pk' && text !== 'sk');
  const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('value')),
      fc.dictionary(name, tie('value'), { noNullPrototype: true }),
    ),
  }));
  const item = fc.dictionary(name, value, { noNullPrototype: true }).map((rest) => ({ ...rest, ...key }) as Item);
  fc.assert(
    fc.property(fc.option(item, { nil: undefined }), item, fc.boolean(), (before, after, isRemoval) => {
      const change: ChangeRecord = {
        seq: '1',
        key,
        ...(before === undefined ? {} : { before }),
        ...(isRemoval && before !== undefined ? {} : { after }),
      };
      expect(changeRecordOf(streamRecordOf(change))).toEqual(change);
    }),
  );
});

it('refuses a record without a key', () => {
  expect(() => changeRecordOf({ eventName: 'INSERT' } satisfies DynamoDBRecord)).toThrow(TypeError);
});
