import type { Item, Key, Value } from '../ports/table.ts';

/** A record as an item, without `undefined` fields, which the table cannot store. */
export const toItem = (key: Key, record: object): Item => ({ ...(clean(record) as Record<string, Value>), ...key });

const clean = (value: unknown): Value => {
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value as Value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, clean(part)]),
  );
};

/** An item as a record, unchecked: use `ItemKind.read` for what outlives a release. */
export const fromItem = <T>(item: Item): T => item as unknown as T;

/** Numbers in sort keys are padded so that they sort as text. */
export const padded = (n: number, digits = 6): string => String(n).padStart(digits, '0');
