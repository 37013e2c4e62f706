import { indexes, indexKey } from '../../contracts/table-indexes.ts';
import { BerthError } from '../../core/errors.ts';
import type { Change, Condition, Item, Key, Query } from '../../core/ports/table.ts';
import { checkName, checkNumber, checkText, itemBytes } from './values.ts';

const changesLimit = 100;
const transactionBytesLimit = 4 * 1024 * 1024;
const queryLimit = 1_000;
export const pkBytesLimit = 2_048;
export const skBytesLimit = 1_024;

const checkKeyText = (text: unknown, name: string, limit: number): void => {
  if (typeof text !== 'string' || text === '') throw new TypeError(`${name} is not a non-empty string`);
  if (Buffer.byteLength(checkText(text, name)) <= limit) return;
  throw new BerthError(
    'too_large',
    `A name in the request is too long: the key "${name}" would exceed ${limit} bytes.`,
  );
};

export const checkKey = ({ pk, sk }: Key): void => {
  checkKeyText(pk, 'pk', pkBytesLimit);
  checkKeyText(sk, 'sk', skBytesLimit);
};

const checkIndexKeys = (item: Item): void => {
  for (const index of indexes) {
    const { pk, sk } = indexKey(index);
    if (Object.hasOwn(item, pk)) checkKeyText(item[pk], pk, pkBytesLimit);
    if (Object.hasOwn(item, sk)) checkKeyText(item[sk], sk, skBytesLimit);
  }
};

const keyAttributes = new Set(['pk', 'sk', ...indexes.flatMap((index) => Object.values(indexKey(index)))]);

/** Whole numbers only: DynamoDB adds decimals and JavaScript binary fractions, so their results would differ. */
const checkAmounts = (amounts: Record<string, number>): void => {
  const entries = Object.entries(amounts);
  if (entries.length === 0) throw new TypeError('an add has no amounts');
  for (const [name, amount] of entries) {
    checkName(name, name);
    if (keyAttributes.has(name)) throw new TypeError(`cannot add to the key attribute "${name}"`);
    if (!Number.isSafeInteger(amount)) throw new TypeError(`cannot add ${amount} to "${name}": not a whole number`);
  }
};

const checkCondition = ({ equals = {}, atMost = {} }: Condition): void => {
  for (const [name, value] of Object.entries(equals)) {
    checkName(name, name);
    if (typeof value === 'number') checkNumber(value, name);
    else if (typeof value === 'string') checkText(value, name);
    else if (typeof value !== 'boolean') throw new TypeError(`cannot compare "${name}" with ${String(value)}`);
  }
  for (const [name, limit] of Object.entries(atMost)) checkNumber(limit, checkName(name, name));
};

/** Returns whether a condition is not empty. */
export const isConditional = ({ absent, present, equals = {}, atMost = {} }: Condition = {}): boolean =>
  absent === true || present === true || Object.keys(equals).length + Object.keys(atMost).length > 0;

export const keyOf = (change: Change): Key => {
  if ('put' in change) return { pk: change.put.pk, sk: change.put.sk };
  if ('delete' in change) return change.delete;
  if ('add' in change) return change.add;
  return change.check;
};

/** Returns the bytes of the item that is put; 0 for other changes. */
const checkChange = (change: Change): number => {
  checkKey(keyOf(change));
  if (change.when !== undefined) checkCondition(change.when);
  if ('check' in change && !isConditional(change.when)) throw new TypeError('a check has no condition');
  if ('add' in change) checkAmounts(change.amounts);
  if (!('put' in change)) return 0;
  checkIndexKeys(change.put);
  return itemBytes(change.put);
};

/**
 * Validates the changes of one write for both adapters. Throws a `TypeError` for programming errors and a `BerthError`
 * `too_large` or `invalid_request` for errors that user input can cause.
 */
export const checkChanges = (changes: readonly Change[]): void => {
  if (changes.length < 1 || changes.length > changesLimit) {
    throw new TypeError(`a write has 1 to ${changesLimit} changes, not ${changes.length}`);
  }
  const bytes = changes.reduce((sum, change) => sum + checkChange(change), 0);
  if (bytes > transactionBytesLimit) {
    throw new BerthError('too_large', 'The request would write more than 4 MB at once. Split it.');
  }
  const keys = new Set(changes.map(keyOf).map(({ pk, sk }) => JSON.stringify([pk, sk])));
  if (keys.size < changes.length) throw new TypeError('a write changes the same item twice');
};

/** Validates a query for both adapters. Throws a `TypeError`, because queries are written by the program. */
export const checkQuery = ({ pk, index, prefix, from, to, limit }: Query): void => {
  checkKeyText(pk, 'pk', pkBytesLimit);
  if (index !== undefined && !indexes.includes(index)) throw new TypeError(`there is no index "${index}"`);
  if (prefix !== undefined && (from !== undefined || to !== undefined)) {
    throw new TypeError('a query has a prefix or a range, not both');
  }
  for (const [name, bound] of Object.entries({ prefix, from, to })) {
    if (bound !== undefined) checkKeyText(bound, name, skBytesLimit);
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > queryLimit) {
    throw new TypeError(`a query has a limit of 1 to ${queryLimit}, not ${limit}`);
  }
};
