import fc from 'fast-check';
import type { Change, Condition, Index, Item, Key, Query, Value } from '../../core/ports/table.ts';

/** One call of the port. Partitions are named within the sequence; the runner makes them unique. */
export type Operation =
  | { kind: 'get'; key: Key }
  | { kind: 'write'; changes: Change[] }
  /** The query and all pages after it. */
  | { kind: 'list'; query: Query };

/** Few keys, so that operations touch the same items. The sort keys have an order or prefixes that are error-prone. */
const partition = fc.constantFrom('p', 'p', 'p', 'q');
const sort = fc.constantFrom('a', 'a#1', 'a#10', 'a#2', 'b', 'é', '\ufffd', '😀', '😀 ', 'B', 'a\u0000', '\u{10ffff}');
const key: fc.Arbitrary<Key> = fc.record({ pk: partition, sk: sort });
const index = fc.constantFrom<Index>('list', 'all', 'due');

const counter = fc.constantFrom('n', 'm');
const amount = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 1_000_000_007));
const scalar = fc.oneof(fc.constantFrom('', 'x', '1'), fc.constantFrom(0, 1, 0.1), fc.boolean());
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 3, arbitrary: scalar },
    fc.constantFrom(null, '😀', -2.5e-9, Number.MAX_SAFE_INTEGER),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('k', 'toString', 'a.b'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
}));

/** Attribute `s` has any value, `n` and `m` whole numbers only: adding to anything else is a programming error. */
const attributes = fc.record({ s: value, n: amount, m: amount }, { requiredKeys: [] });
const indexFields = { listPk: partition, listSk: sort, allPk: partition, allSk: sort, duePk: partition, dueSk: sort };
const indexKeys = fc.oneof(fc.record(indexFields), fc.record(indexFields, { requiredKeys: [] }));
const item: fc.Arbitrary<Item> = fc
  .tuple(key, attributes, indexKeys)
  .map(([one, plain, indexed]) => ({ ...plain, ...indexed, ...one }) as Item);

const equals = fc.record({ s: scalar, n: amount, unknown: scalar }, { requiredKeys: [] });
const atMost = fc.record({ n: amount, m: amount, s: amount, unknown: amount }, { requiredKeys: [] });
/** Mostly of one part: with all parts at once, hardly any condition is met. */
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom<Condition>({}, { absent: true }, { present: true }, { absent: true, present: true }),
  fc.record({
    equals: fc.oneof(
      scalar.map((s) => ({ s })),
      amount.map((n) => ({ n })),
    ),
  }),
  fc.record({
    atMost: fc.dictionary(fc.constantFrom('n', 'm', 's', 'unknown'), amount, {
      minKeys: 1,
      maxKeys: 1,
      noNullPrototype: true,
    }),
  }),
  fc.record({ present: fc.constant(true as const), equals, atMost }, { requiredKeys: [] }) as fc.Arbitrary<Condition>,
);
const nonEmptyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom<Condition>({ absent: true }, { present: true }),
  condition.map((when) => ({ ...when, atMost: { n: 2, ...when.atMost } })),
);
/** One in four: with more conditions, hardly any write of several changes succeeds. */
const maybe = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: condition.map((when) => ({ when })) },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(item, maybe).map(([put, when]) => ({ put, ...when })) },
  { weight: 2, arbitrary: fc.tuple(key, maybe).map(([gone, when]) => ({ delete: gone, ...when })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(key, fc.dictionary(counter, amount, { minKeys: 1, noNullPrototype: true }), maybe)
      .map(([add, amounts, when]) => ({ add, amounts, ...when })),
  },
  { weight: 1, arbitrary: fc.tuple(key, nonEmptyCondition).map(([check, when]) => ({ check, when })) },
);

/** Includes ranges whose end precedes their start. */
const range = fc.oneof(
  fc.constant({}),
  fc.record({ prefix: fc.constantFrom('a', 'a#', 'a#1', 'b', 'é', '😀', '\u{10ffff}', 'zz') }),
  fc.record({ from: sort, to: sort }, { requiredKeys: [] }),
);
const query: fc.Arbitrary<Query> = fc
  .tuple(
    fc.record({ pk: partition, limit: fc.constantFrom(1, 2, 3, 5, 1_000) }),
    fc.record({ index, reverse: fc.boolean() }, { requiredKeys: [] }),
    range,
  )
  .map(([base, options, bounds]) => ({ ...base, ...options, ...bounds }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .uniqueArray(change, { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify(keyIn(one)) })
      .map((changes) => ({ kind: 'write' as const, changes })),
  },
  { weight: 1, arbitrary: key.map((one) => ({ kind: 'get' as const, key: one })) },
  { weight: 3, arbitrary: query.map((one) => ({ kind: 'list' as const, query: one })) },
);

const keyIn = (one: Change): [string, string] => {
  const { pk, sk } = 'put' in one ? one.put : 'delete' in one ? one.delete : 'add' in one ? one.add : one.check;
  return [pk, sk];
};

/** Initial items, without which most queries would find nothing. */
const seed: fc.Arbitrary<Operation> = fc
  .uniqueArray(item, { minLength: 4, maxLength: 12, selector: ({ pk, sk }) => JSON.stringify([pk, sk]) })
  .map((items) => ({ kind: 'write', changes: items.map((put) => ({ put })) }));

/** Sequences of 5 to 15 calls. */
export const operations: fc.Arbitrary<Operation[]> = fc
  .tuple(seed, fc.array(operation, { minLength: 4, maxLength: 14 }))
  .map(([first, others]) => [first, ...others]);
