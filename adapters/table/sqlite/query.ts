import type { Query } from '../../../core/ports/table.ts';
import { afterPrefix } from '../order.ts';
import type { Position } from '../paging.ts';

interface Term {
  sql: string;
  values: string[];
}

const term = (sql: string, value: string | undefined): Term[] =>
  value === undefined ? [] : [{ sql, values: [value] }];

/** Continues after the position where the previous page ended. */
const past = ({ index, reverse = false }: Query, start: Position, order: string[]): Term => ({
  sql: `(${order.join(', ')}) ${reverse ? '<' : '>'} (${order.map(() => '?').join(', ')})`,
  values: index === undefined ? [start.sk] : [start.sort, start.pk, start.sk],
});

/**
 * Translates a query to SQL. It reads one item more than the limit, to know whether more follow. A position lies inside
 * the range and replaces its bound: with both, SQLite would search from the bound and read the previous pages again.
 */
export const selectOf = (query: Query, start: Position | undefined): { sql: string; values: (string | number)[] } => {
  const { index, prefix, from, to, reverse = false } = query;
  const pk = index === undefined ? 'pk' : `${index}_pk`;
  const sk = index === undefined ? 'sk' : `${index}_sk`;
  const order = index === undefined ? [sk] : [sk, 'pk', 'sk'];
  const position = start === undefined ? [] : [past(query, start, order)];
  const lower = term(`${sk} >= ?`, prefix ?? from);
  const upper = [
    ...term(`${sk} < ?`, prefix === undefined ? undefined : afterPrefix(prefix)),
    ...term(`${sk} <= ?`, to),
  ];
  const terms = [
    ...term(`${pk} = ?`, query.pk),
    ...(start === undefined || reverse ? lower : []),
    ...(start === undefined || !reverse ? upper : []),
    ...position,
  ];
  const where = [...terms.map(({ sql }) => sql), `${sk} IS NOT NULL`].join(' AND ');
  const orderBy = order.map((column) => `${column} ${reverse ? 'DESC' : 'ASC'}`).join(', ');
  return {
    sql: `SELECT pk, sk, body FROM items WHERE ${where} ORDER BY ${orderBy} LIMIT ?`,
    values: [...terms.flatMap(({ values }) => values), query.limit + 1],
  };
};
