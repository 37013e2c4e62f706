import { describe, expect, it } from 'vitest';
import type { Change } from '../../../core/ports/table.ts';
import type { TableFixture } from './fixture.ts';

export const conditionTests = ({ table, partition, put, lostBy }: TableFixture): void => {
  describe('conditions', () => {
    const givenItem = async () => {
      const item = { pk: partition(), sk: 'a', state: 'on', version: 3, ready: true, none: null };
      await put(item);
      return { item, key: { pk: item.pk, sk: 'a' }, missing: { pk: item.pk, sk: 'z' } };
    };

    it.each<[string, Change extends { when?: infer C } ? C : never]>([
      ['present', { present: true }],
      ['equals a string', { equals: { state: 'on' } }],
      ['equals all of several', { equals: { state: 'on', version: 3, ready: true } }],
      ['at most, exactly', { atMost: { version: 3 } }],
      ['at most, below the limit', { atMost: { version: 3.5 } }],
      ['at most, absent attribute', { atMost: { unknown: 0 } }],
      ['all together', { present: true, equals: { ready: true }, atMost: { version: 9, unknown: 1 } }],
    ])('is met: %s', async (_, when) => {
      const { item, key } = await givenItem();
      await table.write([{ put: { ...item, done: true }, when: when ?? {} }]);
      expect(await table.get(key)).toEqual({ ...item, done: true });
    });

    it.each<[string, Change extends { when?: infer C } ? C : never]>([
      ['absent', { absent: true }],
      ['equals another value', { equals: { state: 'off' } }],
      ['equals one of several only', { equals: { state: 'on', version: 4 } }],
      ['equals another type', { equals: { version: '3' } }],
      ['equals an absent attribute', { equals: { unknown: '' } }],
      ['equals an inherited name', { equals: { toString: 'x' } }],
      ['at most less', { atMost: { version: 2 } }],
      ['at most of a string', { atMost: { state: 9 } }],
      ['at most of null', { atMost: { none: 9 } }],
      ['at most below 0, absent attribute', { atMost: { unknown: -1 } }],
      ['absent and present', { absent: true, present: true }],
    ])('fails: %s', async (_, when = {}) => {
      const { item, key } = await givenItem();
      const changes: Change[] = [
        { put: { ...item, done: true }, when },
        { delete: key, when },
        { add: key, amounts: { version: 1 }, when },
        { check: key, when },
      ];
      for (const change of changes) expect(await lostBy(change)).toEqual([{ index: 0, current: item }]);
      expect(await table.get(key)).toEqual(item);
    });

    it('on an absent item: absent and at most are met, present and equals fail', async () => {
      const { missing } = await givenItem();
      await table.write([{ check: missing, when: { absent: true, atMost: { n: 0 } } }]);
      for (const when of [{ present: true }, { equals: { n: 0 } }, { atMost: { n: -1 } }] as const) {
        expect(await lostBy({ check: missing, when })).toEqual([{ index: 0, current: undefined }]);
      }
      expect(await table.get(missing)).toBeUndefined();
    });

    it('applies to the item before the change', async () => {
      const { key, missing } = await givenItem();
      await table.write([{ add: key, amounts: { version: 10 }, when: { atMost: { version: 3 } } }]);
      await table.write([{ add: missing, amounts: { n: 1 }, when: { absent: true } }]);
      expect(await table.get(key)).toMatchObject({ version: 13 });
    });

    it('a check without a condition is a programming error', async () => {
      const { key } = await givenItem();
      await expect(table.write([{ check: key, when: {} }])).rejects.toBeInstanceOf(TypeError);
    });
  });
};
