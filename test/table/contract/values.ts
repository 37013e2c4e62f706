import { describe, expect, it } from 'vitest';
import type { Item } from '../../../core/ports/table.ts';
import type { TableFixture } from './fixture.ts';

export const valueTests = ({ table, partition, put }: TableFixture): void => {
  describe('values', () => {
    it.each<[string, Item[string]]>([
      ['an empty string', ''],
      ['emoji and combining characters', 'naïve 👩🏽‍💻 e\u0301 \u{10ffff}'],
      ['control characters', 'a\u0000b\n\u001b[31m'],
      ['nested values', { list: [1, 'two', [true, null], { deep: { er: [] } }], empty: {} }],
      ['fractions', [0.1, -2.5e-7, 1 / 3]],
      ['large and small numbers', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e-130]],
      ['names that objects inherit', { valueOf: 'a', toString: 'b', hasOwnProperty: 1 }],
    ])('stores %s', async (_, value) => {
      const item = { pk: partition(), sk: 'ключ 🔑', value, 'weird #name:-[0].x': value };
      await put(item);
      expect(await table.get({ pk: item.pk, sk: item.sk })).toEqual(item);
    });

    const filled = (bytes: number): Item => {
      const item = { pk: partition(), sk: 'a', b: '' };
      return { ...item, b: 'x'.repeat(bytes - Buffer.byteLength(`pk${item.pk}skab`)) };
    };

    it('stores an item of exactly 400 KB and refuses one byte more', async () => {
      const item = filled(400 * 1024);
      await put(item);
      expect(await table.get(item)).toEqual(item);
      await expect(put(filled(400 * 1024 + 1))).rejects.toMatchObject({ name: 'too_large' });
    });

    it('refuses an add that would make the item too large', async () => {
      const item = filled(400 * 1024);
      await put(item);
      const add = { add: { pk: item.pk, sk: item.sk }, amounts: { n: 1 } };
      await expect(table.write([add])).rejects.toMatchObject({ name: 'too_large' });
      expect(await table.get(item)).toEqual(item);
    });

    it('refuses a write of more than 4 MB and keys that are too long', async () => {
      await expect(put(...Array.from({ length: 11 }, () => filled(400_000)))).rejects.toMatchObject({
        name: 'too_large',
      });
      await expect(put({ pk: partition(), sk: 'é'.repeat(513) })).rejects.toMatchObject({ name: 'too_large' });
      await expect(table.get({ pk: 'x'.repeat(2_049), sk: 'a' })).rejects.toMatchObject({ name: 'too_large' });
    });

    it.each<[string, Item[string]]>([
      ['broken Unicode', 'half \ud83d'],
      ['broken Unicode in a name', { '\udc00': 1 }],
      ['an empty name', { '': 1 }],
      ['a name that would set the prototype', JSON.parse('{"__proto__": 1}') as Item[string]],
      ['a name by which the SDK recognizes types', { constructor: { name: 'Set' } }],
    ])('refuses %s', async (_, value) => {
      await expect(put({ pk: partition(), sk: 'a', value })).rejects.toMatchObject({ name: 'invalid_request' });
    });

    it('stores 31 nested lists and refuses 32', async () => {
      const nested = (lists: number): Item[string] => (lists === 0 ? [] : [nested(lists - 1)]);
      const key = { pk: partition(), sk: 'a' };
      await put({ ...key, value: nested(30) });
      expect(await table.get(key)).toEqual({ ...key, value: nested(30) });
      await expect(put({ ...key, value: nested(31) })).rejects.toBeInstanceOf(TypeError);
    });

    it.each<[string, Record<string, unknown>]>([
      ['undefined', { value: undefined }],
      ['undefined inside', { value: { list: [undefined] } }],
      ['not a number', { value: Number.NaN }],
      ['an unsafe number', { value: 2 ** 53 }],
      ['a number too close to 0', { value: 1e-131 }],
      ['a date', { value: new Date(0) }],
      ['an empty sort key', { sk: '' }],
      ['an empty index key', { listPk: '', listSk: 'a' }],
      ['an index key that is not a string', { listPk: 1, listSk: 'a' }],
    ])('refuses %s as a programming error', async (_, attributes) => {
      const item = { pk: partition(), sk: 'a', ...attributes } as Item;
      await expect(put(item)).rejects.toBeInstanceOf(TypeError);
    });
  });
};
