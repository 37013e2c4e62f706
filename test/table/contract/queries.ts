import { describe, expect, it } from 'vitest';
import type { Index, Query } from '../../../core/ports/table.ts';
import { sks, type TableFixture } from './fixture.ts';

export const queryTests = ({ table, partition, put, follow }: TableFixture): void => {
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
    ])('refuse %s as a programming error', async (_, part) => {
      await expect(table.query({ pk: partition(), limit: 1, ...part })).rejects.toBeInstanceOf(TypeError);
    });
  });
};
