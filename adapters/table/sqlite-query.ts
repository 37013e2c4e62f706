import type { Query } from '../../core/ports.ts';
import { afterPrefix } from './order.ts';
import type { Position } from './paging.ts';

interface Term {
  sql: string;
  values: string[];
}

const term = (sql: string, value: string | undefined): Term[] =>
  value === undefined ? [] : [{ sql, values: [value] }];

/** Past the position where the page before ended. */
const past = ({ index, reverse = false }: Query, start: Position, order: string[]): Term => ({
  sql: `(${order.join(', ')}) ${reverse ? '<' : '>'} (${order.map(() => '?').join(', ')})`,
  values: index === undefined ? [start.sk] : [start.sort, start.pk, start.sk],
});

/**
 * A query as SQL. One item more than the limit is read, to know whether more follow. A position lies inside the range
 * and takes the place of the bound behind it: with both, SQLite would search from the bound and read again what the
 * pages before held.
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
    sql: `SELECT body FROM items WHERE ${where} ORDER BY ${orderBy} LIMIT ?`,
    values: [...terms.flatMap(({ values }) => values), query.limit + 1],
  };
};
