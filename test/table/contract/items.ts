import { describe, expect, it } from 'vitest';
import type { TableFixture } from './fixture.ts';

export const itemTests = ({ table, partition, put }: TableFixture): void => {
  describe('single items', () => {
    it('returns the stored item, and nothing for an absent key', async () => {
      const item = { pk: partition(), sk: 'a', text: 'x', count: 1, flag: false, nothing: null };
      await put(item);
      expect(await table.get({ pk: item.pk, sk: 'a' })).toEqual(item);
      expect(await table.get({ pk: item.pk, sk: 'b' })).toBeUndefined();
    });

    it('replaces the whole item', async () => {
      const pk = partition();
      await put({ pk, sk: 'a', old: 1 });
      await put({ pk, sk: 'a', new: 2 });
      expect(await table.get({ pk, sk: 'a' })).toEqual({ pk, sk: 'a', new: 2 });
    });

    it('deletes, and does nothing for an absent item', async () => {
      const key = { pk: partition(), sk: 'a' };
      await put({ ...key });
      await table.write([{ delete: key }]);
      await table.write([{ delete: key }]);
      expect(await table.get(key)).toBeUndefined();
    });

    it('adds to counters, and creates absent items and counters', async () => {
      const key = { pk: partition(), sk: 'a' };
      await table.write([{ add: key, amounts: { used: 3 } }]);
      await table.write([{ add: key, amounts: { used: -1, other: 5 } }]);
      expect(await table.get(key)).toEqual({ ...key, used: 2, other: 5 });
    });

    it('refuses to add to an attribute that is not a number', async () => {
      const key = { pk: partition(), sk: 'a' };
      await put({ ...key, text: 'x' });
      await expect(table.write([{ add: key, amounts: { text: 1 } }])).rejects.toBeInstanceOf(TypeError);
      expect(await table.get(key)).toEqual({ ...key, text: 'x' });
    });
  });
};
