import { marshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChangeRecord, Item } from '../../../core/ports/table.ts';
import { changeRecordOf } from './stream-records.ts';

const key = { pk: 'p', sk: 's' };

const image = (item: object) => marshall(item) as Record<string, AttributeValue>;

/** A record as Lambda receives it from DynamoDB Streams. */
const streamRecordOf = ({ seq, before, after }: ChangeRecord): DynamoDBRecord => ({
  eventSource: 'aws:dynamodb',
  dynamodb: {
    Keys: image(key),
    ...(before === undefined ? {} : { OldImage: image(before) }),
    ...(after === undefined ? {} : { NewImage: image(after) }),
    SequenceNumber: seq,
  },
});

it.each<[string, object, Partial<ChangeRecord>]>([
  ['INSERT', { NewImage: { n: { N: '1' } } }, { after: { n: 1 } as never }],
  [
    'MODIFY',
    { OldImage: { n: { N: '1' } }, NewImage: { n: { N: '2' } } },
    { before: { n: 1 }, after: { n: 2 } } as never,
  ],
  ['REMOVE', { OldImage: { n: { N: '1' } } }, { before: { n: 1 } as never }],
])('%s becomes a change', (eventName, images, change) => {
  const dynamodb = { Keys: { pk: { S: 'p' }, sk: { S: 's' } }, SequenceNumber: '7', ...images };
  expect(changeRecordOf({ eventName, dynamodb } as DynamoDBRecord)).toEqual({ seq: '7', key, ...change });
});

it('every digit of a sequence number is preserved', () => {
  const seq = '111000000000000000000000000000000000012';
  expect(changeRecordOf(streamRecordOf({ seq, key, after: key })).seq).toBe(seq);
});

it('a change survives the conversion to a record and back', () => {
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

it('a record without a key throws', () => {
  expect(() => changeRecordOf({ eventName: 'INSERT' } satisfies DynamoDBRecord)).toThrow(TypeError);
});
