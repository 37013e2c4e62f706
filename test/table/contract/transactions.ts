import { describe, expect, it } from 'vitest';
import { type Change, WriteConflict } from '../../../core/ports/table.ts';
import type { TableFixture } from './fixture.ts';

export const transactionTests = ({ table, partition, put, lostBy }: TableFixture): void => {
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
      for (const amounts of [{}, { n: 0.5 }, { n: Number.NaN }, { listPk: 1 }, { sk: 1 }] as Record<string, number>[]) {
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
};
