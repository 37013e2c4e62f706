import { BerthError } from '../../core/errors.ts';
import type { Item, Value } from '../../core/ports/table.ts';

/** DynamoDB's limits. Every adapter enforces them, so that a write that succeeds on one succeeds on the other. */
const itemBytesLimit = 400 * 1024;
const nestingLimit = 31;
const smallestNumber = 1e-130;

const quoted = (path: string): string => (path === '' ? 'the item' : `"${path}"`);
const below = (path: string, name: string | number): string => (path === '' ? String(name) : `${path}.${name}`);

export const checkText = (text: string, path: string): string => {
  if (text.isWellFormed()) return text;
  throw new BerthError(
    'invalid_request',
    `The text in ${quoted(path)} is not valid Unicode. Remove broken characters.`,
  );
};

export const checkNumber = (number: number, path: string): number => {
  if (!Number.isFinite(number) || Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    throw new TypeError(`${quoted(path)} is ${number}, which a table cannot store exactly`);
  }
  if (number !== 0 && Math.abs(number) < smallestNumber) {
    throw new TypeError(`${quoted(path)} is ${number}, which is nearer to 0 than a table can store`);
  }
  return number;
};

/** The SDK recognizes maps by `constructor.name` and sets the prototype for `__proto__`, so both keys would be lost. */
const unusableNames = new Set(['', '__proto__', 'constructor']);

export const checkName = (name: string, path: string): string => {
  if (!unusableNames.has(name)) return checkText(name, path);
  throw new BerthError('invalid_request', `The name "${name}" in ${quoted(path)} is reserved. Choose another.`);
};

/** Two decimal digits per byte, aligned at the decimal point, one byte for the exponent and one for a minus sign. */
const numberBytes = (number: number): number => {
  if (number === 0) return 1;
  const [digits = '', power = '0'] = Math.abs(number).toExponential().split('e');
  const first = Number(power);
  const last = first - (digits.replace('.', '').length - 1);
  const pairs = Math.floor(first / 2) - Math.floor(last / 2) + 1;
  return pairs + 1 + (number < 0 ? 1 : 0);
};

const collectionBytes = 3;
const elementBytes = 1;

const valueBytes = (value: Value | undefined, path: string, depth: number): number => {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'number') return numberBytes(checkNumber(value, path));
  if (typeof value === 'string') return Buffer.byteLength(checkText(value, path));
  if (depth >= nestingLimit) throw new TypeError(`"${path}" is nested in more than ${nestingLimit} lists and maps`);
  if (Array.isArray(value)) {
    return value.reduce<number>(
      (sum, element, at) => sum + elementBytes + valueBytes(element, below(path, at), depth + 1),
      collectionBytes,
    );
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value);
    return collectionBytes + elementBytes * entries.length + entriesBytes(entries, path, depth + 1);
  }
  throw new TypeError(
    `${quoted(path)} is ${value === undefined ? 'undefined' : `a ${typeof value}`}, not a table value`,
  );
};

const entriesBytes = (entries: [string, Value][], path: string, depth: number): number =>
  entries.reduce((sum, [name, value]) => {
    const inside = below(path, name);
    return sum + Buffer.byteLength(checkName(name, inside)) + valueBytes(value, inside, depth);
  }, 0);

/**
 * Returns the size of an item as DynamoDB counts it. Throws a `TypeError` for an invalid table value, and a
 * `BerthError` `too_large` above 400 KB.
 */
export const itemBytes = (item: Item): number => {
  const bytes = entriesBytes(Object.entries(item), '', 0);
  if (bytes > itemBytesLimit) throw itemTooLarge();
  return bytes;
};

export const itemTooLarge = (): BerthError =>
  new BerthError('too_large', 'The record would be larger than the limit of 400 KB. Make it smaller.');
