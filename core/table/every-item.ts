import type { Item, Page, Query, Table } from '../ports/table.ts';

/** All items of a query; reads the next page when it is needed. */
export async function* everyItem(table: Table, query: Omit<Query, 'limit' | 'cursor'>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page: Page = await table.query({ ...query, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
