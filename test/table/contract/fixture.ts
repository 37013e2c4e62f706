import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Change, type Item, type Page, type Query, type Table, WriteConflict } from '../../../core/ports/table.ts';

export interface OpenTable {
  table: Table;
  close(): Promise<void>;
}

/** Opens the table before the tests and closes it after them. Tests share it; each uses a random partition. */
export const tableFixture = (open: () => Promise<OpenTable>) => {
  let opened: OpenTable;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  const table: Table = {
    get: (key) => opened.table.get(key),
    query: (query) => opened.table.query(query),
    write: (changes) => opened.table.write(changes),
  };
  /** Returns every page of a query. */
  const follow = async (query: Query): Promise<Page[]> => {
    const page = await table.query(query);
    return page.next === undefined ? [page] : [page, ...(await follow({ ...query, cursor: page.next }))];
  };
  return {
    table,
    follow,
    partition: () => `t-${randomUUID()}`,
    put: (...items: Item[]) => table.write(items.map((item) => ({ put: item }))),
    /** Expects the write to fail, and returns the failed conditions. */
    lostBy: async (...changes: Change[]): Promise<WriteConflict['lost']> => {
      const outcome = await table.write(changes).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(WriteConflict);
      return (outcome as WriteConflict).lost;
    },
  };
};
export type TableFixture = ReturnType<typeof tableFixture>;

export const sks = (pages: Page[]) => pages.flatMap(({ items }) => items.map(({ sk }) => sk));
