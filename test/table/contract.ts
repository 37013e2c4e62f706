import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Change,
  type Index,
  type Item,
  type Page,
  type Query,
  type Table,
  WriteConflict,
} from '../../core/ports/table.ts';

interface OpenTable {
  table: Table;
  close(): Promise<void>;
}

/** The contract of every adapter of the table port. Tests share one table; each uses a random partition. */
export const tableContract = (name: string, open: () => Promise<OpenTable>): void => {
  describe(`table contract: ${name}`, () => {
    let opened: OpenTable;
    let table: Table;
    beforeAll(async () => {
      opened = await open();
      table = opened.table;
    });
    afterAll(() => opened.close());

    const partition = () => `t-${randomUUID()}`;
    const put = (...items: Item[]) => table.write(items.map((item) => ({ put: item })));
    const lostBy = async (...changes: Change[]): Promise<WriteConflict['lost']> => {
      const outcome = await table.write(changes).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(WriteConflict);
      return (outcome as WriteConflict).lost;
    };
    const follow = async (query: Query): Promise<Page[]> => {
      const page = await table.query(query);
      return page.next === undefined ? [page] : [page, ...(await follow({ ...query, cursor: page.next }))];
    };
    const sks = (pages: Page[]) => pages.flatMap(({ items }) => items.map(({ sk }) => sk));

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

    describe('transactions', () => {
      it('writes all or nothing, and reports each failed condition with the current item', async () => {
        const pk = partition();
        const taken = { pk, sk: 'taken', by: 'ada' };
        await put(taken, { pk, sk: 'kept', n: 1 });
        const lost = await lostBy(
          { put: { pk, sk: 'new' } },
          { put: { pk, sk: 'taken', by: 'linus' }, when: { absent: true } },
          { add: { pk, sk: 'kept' }, amounts: { n: 1 } },
          { check: { pk, sk: 'gone' }, when: { present: true } },
          { delete: { pk, sk: 'kept2' }, when: { atMost: { n: 5 } } },
        );
        expect(lost).toEqual([
          { index: 1, current: taken },
          { index: 3, current: undefined },
        ]);
        const { items } = await table.query({ pk, limit: 10 });
        expect(items).toEqual([{ pk, sk: 'kept', n: 1 }, taken]);
      });

      it('accepts 100 changes', async () => {
        const pk = partition();
        const items = Array.from({ length: 100 }, (_, n) => ({ pk, sk: String(n).padStart(3, '0'), n }));
        await put(...items);
        expect((await table.query({ pk, limit: 1_000 })).items).toEqual(items);
      });

      it('refuses no changes, more than 100, and the same item twice, as programming errors', async () => {
        const pk = partition();
        const many = Array.from({ length: 101 }, (_, n) => ({ pk, sk: String(n) }));
        await expect(table.write([])).rejects.toBeInstanceOf(TypeError);
        await expect(put(...many)).rejects.toBeInstanceOf(TypeError);
        const twice: Change[] = [{ put: { pk, sk: 'a' } }, { delete: { pk, sk: 'a' } }];
        await expect(table.write(twice)).rejects.toBeInstanceOf(TypeError);
        expect((await table.query({ pk, limit: 1 })).items).toEqual([]);
      });

      it('refuses amounts that are missing, not whole numbers, or keys', async () => {
        const add = { pk: partition(), sk: 'a' };
        for (const amounts of [{}, { n: 0.5 }, { n: Number.NaN }, { listPk: 1 }, { sk: 1 }] as Record<
          string,
          number
        >[]) {
          await expect(table.write([{ add, amounts }])).rejects.toBeInstanceOf(TypeError);
        }
      });

      it('50 concurrent adds never exceed a limit', async () => {
        const key = { pk: partition(), sk: 'quota' };
        const takeOne = () => table.write([{ add: key, amounts: { used: 1 }, when: { atMost: { used: 19 } } }]);
        const outcomes = await Promise.allSettled(Array.from({ length: 50 }, takeOne));
        const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(lost.map(({ reason }) => reason)).toEqual(lost.map(() => expect.any(WriteConflict)));
        expect(lost).toHaveLength(30);
        expect(await table.get(key)).toEqual({ ...key, used: 20 });
      });

      it('one of 20 concurrent creates of a name succeeds, with its second item', async () => {
        const pk = partition();
        const create = (n: number) =>
          table.write([{ put: { pk, sk: 'name', by: n }, when: { absent: true } }, { put: { pk, sk: `thing-${n}` } }]);
        const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => create(n)));
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        expect((await table.query({ pk, limit: 100 })).items).toEqual([
          { pk, sk: 'name', by: winner },
          { pk, sk: `thing-${winner}` },
        ]);
      });
    });

    describe('queries', () => {
      /** In order of UTF-8 bytes; UTF-16 would put the emoji before U+FFFD. */
      const sorted = ['A', 'a', 'a#', 'a#1', 'a#10', 'a#2', 'a\u{10ffff}', 'b', 'ä', '\ufffd', '😀', '😀!'];

      const givenItems = async (index?: Index) => {
        const pk = partition();
        const shuffled = sorted.toSorted((a, b) => ((`${pk}${a}`.length * 7) % 5) - ((`${pk}${b}`.length * 7) % 5));
        await put(
          ...shuffled.map((sk) =>
            index === undefined ? { pk, sk } : { pk: `${pk}-${sk}`, sk, [`${index}Pk`]: pk, [`${index}Sk`]: sk },
          ),
        );
        await put({ pk: `${pk}!`, sk: 'a', ...(index === undefined ? {} : { [`${index}Pk`]: `${pk}!` }) });
        return { pk, ...(index === undefined ? {} : { index }) };
      };

      describe.each<[string, Index | undefined]>([
        ['the base table', undefined],
        ['index list', 'list'],
        ['index all', 'all'],
        ['index due', 'due'],
      ])('of %s', (_, index) => {
        it('return items in the order of the sort key, forward and backward', async () => {
          const base = await givenItems(index);
          expect(sks([await table.query({ ...base, limit: 1_000 })])).toEqual(sorted);
          expect(sks([await table.query({ ...base, limit: 1_000, reverse: true })])).toEqual(sorted.toReversed());
        });

        it.each([1, 2, 5, 6, 12, 13])('return pages of %i without gap or repeat', async (limit) => {
          const base = await givenItems(index);
          const forward = await follow({ ...base, limit });
          expect(sks(forward)).toEqual(sorted);
          expect(forward).toHaveLength(Math.ceil(sorted.length / limit));
          expect(sks(await follow({ ...base, limit, reverse: true }))).toEqual(sorted.toReversed());
        });

        it('return only items with a prefix', async () => {
          const base = await givenItems(index);
          for (const prefix of ['a', 'a#', 'a#1', 'a\u{10ffff}', '😀', 'zz']) {
            const wanted = sorted.filter((sk) => sk.startsWith(prefix));
            expect(sks(await follow({ ...base, prefix, limit: 2 }))).toEqual(wanted);
            expect(sks(await follow({ ...base, prefix, limit: 2, reverse: true }))).toEqual(wanted.toReversed());
          }
        });

        it('return only items of a range, both ends included', async () => {
          const base = await givenItems(index);
          const range = (from: number, to: number) => sorted.slice(from, to + 1);
          expect(sks(await follow({ ...base, from: 'a#', to: 'b', limit: 2 }))).toEqual(range(2, 7));
          expect(sks(await follow({ ...base, from: 'a#', to: 'b', limit: 2, reverse: true }))).toEqual(
            range(2, 7).toReversed(),
          );
          expect(sks(await follow({ ...base, from: '😀', limit: 1 }))).toEqual(range(10, 11));
          expect(sks(await follow({ ...base, to: 'a', limit: 1 }))).toEqual(range(0, 1));
          expect(await table.query({ ...base, from: 'b', to: 'a', limit: 1 })).toEqual({ items: [] });
        });

        it('continue after the last item of the previous page was deleted', async () => {
          const base = await givenItems(index);
          const first = await table.query({ ...base, limit: 3 });
          await table.write(first.items.map(({ pk, sk }) => ({ delete: { pk, sk } })));
          expect(sks(await follow({ ...base, limit: 3, cursor: first.next ?? '' }))).toEqual(sorted.slice(3));
        });

        it('refuse cursors of other queries, and forged ones', async () => {
          const base = await givenItems(index);
          const query = { ...base, prefix: 'a#', limit: 1 };
          const { next = '' } = await table.query(query);
          const made = JSON.parse(Buffer.from(next, 'base64url').toString()) as Record<string, string>;
          const forged = (parts: Record<string, unknown>) =>
            Buffer.from(JSON.stringify({ ...made, ...parts })).toString('base64url');
          const refused: Query[] = [
            { ...query, cursor: 'garbage' },
            { ...query, cursor: '' },
            { ...query, cursor: forged({ sort: 'b', sk: 'b' }) },
            { ...query, cursor: forged({ sort: 1 }) },
            { ...query, cursor: forged({ sk: '' }) },
            { ...query, cursor: forged({ extra: 1 }) },
            { ...base, limit: 1, cursor: next },
            { ...query, prefix: 'a', cursor: next },
            { ...query, reverse: true, cursor: next },
            { ...query, pk: `${base.pk}!`, cursor: next },
          ];
          for (const other of refused) {
            await expect(table.query(other)).rejects.toMatchObject({ name: 'invalid_request', field: 'cursor' });
          }
          expect(sks([await table.query({ ...query, limit: 1_000, cursor: next })])).toEqual(['a#1', 'a#10', 'a#2']);
        });
      });

      it('return pages of equal sort keys of an index without gap or repeat', async () => {
        const listPk = partition();
        const items = Array.from({ length: 9 }, (_, n) => ({ pk: `${listPk}-${n}`, sk: 'a', listPk, listSk: 'same' }));
        await put(...items);
        for (const reverse of [false, true]) {
          const pages = await follow({ pk: listPk, index: 'list', limit: 2, reverse });
          const found = pages.flatMap((page) => page.items.map(({ pk }) => pk));
          expect(found.toSorted()).toEqual(items.map(({ pk }) => pk));
        }
      });

      it('an index contains exactly the items with both of its keys', async () => {
        const pk = partition();
        const listed = async () => sks([await table.query({ pk, index: 'due', limit: 10 })]);
        await put({ pk, sk: 'half', duePk: pk }, { pk, sk: 'whole', duePk: pk, dueSk: '2' });
        expect(await listed()).toEqual(['whole']);
        await put({ pk, sk: 'half', duePk: pk, dueSk: '1' });
        expect(await listed()).toEqual(['half', 'whole']);
        await put({ pk, sk: 'half', duePk: pk, dueSk: '3' });
        expect(await listed()).toEqual(['whole', 'half']);
        await table.write([{ put: { pk, sk: 'half' } }, { delete: { pk, sk: 'whole' } }]);
        expect(await listed()).toEqual([]);
      });

      it.each<[Index, string[]]>([
        ['list', ['allPk', 'allSk', 'audit', 'duePk', 'dueSk', 'listPk', 'listSk', 'owned', 'pk', 'sk']],
        ['all', ['allPk', 'allSk', 'owned', 'pk', 'sk']],
        ['due', ['duePk', 'dueSk', 'pk', 'sk']],
      ])('the index %s contains exactly its projected attributes', async (index, attributes) => {
        const pk = partition();
        const indexFields = { listPk: pk, listSk: '1', allPk: pk, allSk: '1', duePk: pk, dueSk: '1' };
        await put({ pk, sk: 'a', ...indexFields, owned: { by: 'ada' }, audit: { seq: 1 } });
        const { items } = await table.query({ pk, index, limit: 10 });
        expect(items.map((item) => Object.keys(item).toSorted())).toEqual([attributes]);
      });

      it('a page is full regardless of the size of its items', async () => {
        const pk = partition();
        const heavy = Array.from({ length: 8 }, (_, n) => ({ pk, sk: String(n), text: 'x'.repeat(300_000) }));
        for (const item of heavy) await put(item);
        const page = await table.query({ pk, limit: 7 });
        expect(sks([page])).toEqual(['0', '1', '2', '3', '4', '5', '6']);
        expect(page.next).toBeDefined();
      });

      it.each<[string, Partial<Query>]>([
        ['a prefix with a range', { prefix: 'a', to: 'b' }],
        ['a limit of 0', { limit: 0 }],
        ['a limit above 1,000', { limit: 1_001 }],
        ['a fraction as limit', { limit: 1.5 }],
        ['an empty prefix', { prefix: '' }],
        ['an empty partition', { pk: '' }],
        ['an unknown index', { index: 'other' as Index }],
      ])('refuse %s as a mistake of the program', async (_, part) => {
        await expect(table.query({ pk: partition(), limit: 1, ...part })).rejects.toBeInstanceOf(TypeError);
      });
    });
  });
};
