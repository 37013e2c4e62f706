import { describe, expect, test } from 'vitest';
import type { Item } from '../ports/table.ts';
import { ItemKind } from './item-kind.ts';

interface Door {
  width: number;
  color: string;
}

const key = { pk: 'door#1', sk: 'door' };
/** Version 2 renamed `breadth` to `width`, version 3 added `color`. */
const doors = new ItemKind<Door>('door', { width: 'number', color: 'string' }, [
  ({ breadth = 0, ...item }: Item) => ({ ...item, width: breadth }),
  (item: Item) => ({ ...item, color: 'white' }),
]);

describe('an item', () => {
  test('without a version has version 1, and is migrated version by version', () => {
    expect(doors.read({ ...key, breadth: 80 })).toMatchObject({ width: 80, color: 'white' });
  });

  test('of version 2 skips the first migration', () => {
    expect(doors.read({ ...key, width: 80, schema: 2 })).toMatchObject({ width: 80, color: 'white' });
  });

  test('is written with the current version, and read unchanged', () => {
    const item = doors.item(key, { width: 80, color: 'red' });
    expect(item).toEqual({ ...key, width: 80, color: 'red', schema: 3 });
    expect(doors.read(item)).toBe(item);
  });

  test('that was migrated is written with the current version', () => {
    expect(doors.item(key, doors.read({ ...key, breadth: 80 }))).toMatchObject({ schema: 3 });
  });

  test('of a newer version is refused with a remedy', () => {
    const newer = { ...key, width: 80, color: 'red', schema: 4 };
    expect(() => doors.read(newer)).toThrow(
      'The table contains a door of a newer version of Berth (schema 4; this one reads up to 3). Upgrade Berth.',
    );
  });

  test.each([
    ['a missing field', { ...key, width: 80, schema: 3 }, 'color'],
    ['a field of another type', { ...key, width: '80', color: 'red', schema: 3 }, 'width'],
    ['null', { ...key, width: null, color: 'red', schema: 3 }, 'width'],
    ['a list for a number', { ...key, width: [80], color: 'red', schema: 3 }, 'width'],
  ])('is refused when it has %s', (_, item: Item, field) => {
    expect(() => doors.read(item)).toThrow(`not a valid door: ${field} is missing or has the wrong type`);
  });
});

test('a kind with version 1 writes no version', () => {
  const gates = new ItemKind<{ name: string }>('gate', { name: 'string' });
  expect(gates.item({ pk: 'gate#1', sk: 'gate' }, { name: 'north' })).toEqual({
    pk: 'gate#1',
    sk: 'gate',
    name: 'north',
  });
});
