import type { Item, Page, Query, Table } from './ports.ts';

/** All items of a query, page by page as they are asked for. */
export async function* everyItem(table: Table, query: Omit<Query, 'limit' | 'cursor'>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page: Page = await table.query({ ...query, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
