import { BerthError } from '../../core/errors.ts';
import { type Change, type Item, type Key, type Query, type Table, WriteConflict } from '../../core/ports/table.ts';
import type { Operation } from './operations.ts';

const scopedKey = ({ pk, sk }: Key, scope: string): Key => ({ pk: `${scope}/${pk}`, sk });

const scopedItem = (item: Item, scope: string): Item =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      /^(list|all|due)?pk$/i.test(name) ? `${scope}/${value}` : value,
    ]),
  ) as Item;

const scopedChange = (change: Change, scope: string): Change => {
  if ('put' in change) return { ...change, put: scopedItem(change.put, scope) };
  if ('delete' in change) return { ...change, delete: scopedKey(change.delete, scope) };
  if ('add' in change) return { ...change, add: scopedKey(change.add, scope) };
  return { ...change, check: scopedKey(change.check, scope) };
};

const identity = ({ pk, sk }: Item): string => JSON.stringify([pk, sk]);

/** More than there are keys. */
const pagesLimit = 100;

/** Reads all pages. The port does not define the order of items with equal sort keys in an index. */
const list = async (table: Table, query: Query) => {
  const sortOf = (item: Item) => item[query.index === undefined ? 'sk' : `${query.index}Sk`];
  const pages: Item[][] = [];
  let cursor: string | undefined;
  do {
    const page = await table.query(cursor === undefined ? query : { ...query, cursor });
    pages.push(page.items);
    if (pages.length > pagesLimit) throw new Error('the pages do not end');
    cursor = page.next;
  } while (cursor !== undefined);
  const items = pages.flat();
  return {
    pages: pages.map((page) => page.map(sortOf)),
    items: items.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1)),
  };
};

const perform = async (table: Table, operation: Operation, scope: string): Promise<unknown> => {
  switch (operation.kind) {
    case 'get':
      return table.get(scopedKey(operation.key, scope));
    case 'write':
      return table.write(operation.changes.map((change) => scopedChange(change, scope)));
    case 'list':
      return list(table, { ...operation.query, pk: `${scope}/${operation.query.pk}` });
  }
};

/** Returns the result or error of an operation in a form that can be compared. */
export const run = async (table: Table, operation: Operation, scope: string): Promise<unknown> => {
  try {
    return { result: await perform(table, operation, scope) };
  } catch (error) {
    if (error instanceof WriteConflict) return { lost: error.lost };
    if (error instanceof BerthError || error instanceof TypeError) return { refused: error.name };
    throw error;
  }
};
