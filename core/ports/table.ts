export interface Key {
  pk: string;
  sk: string;
}
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** At most 400 KB. `undefined` is not a value: omit the attribute. */
export interface Item extends Key {
  [attribute: string]: Value;
}

/**
 * The secondary indexes. An item is in index `x` when it has the string attributes `<x>Pk` and `<x>Sk`. `list` contains
 * whole items, for screens. `all` (the same across owners) and `due` (work by its due time) contain keys and the few
 * attributes in contracts/table-indexes.ts.
 */
export type Index = 'list' | 'all' | 'due';

/** All given parts must be met. For an absent item `equals` fails, and `atMost` counts the attribute as 0. */
export interface Condition {
  /** No item has the key. */
  absent?: true;
  /** An item has the key. */
  present?: true;
  /** The item has these attributes with exactly these values. */
  equals?: Record<string, string | number | boolean>;
  /** Each attribute is a number not above the given one; an absent attribute counts as 0. */
  atMost?: Record<string, number>;
}

export type Change =
  /** Replaces the whole item. */
  | { put: Item; when?: Condition }
  | { delete: Key; when?: Condition }
  /** Adds to number attributes (absent counts as 0), creating the item if needed. */
  | { add: Key; amounts: Record<string, number>; when?: Condition }
  /** Changes nothing; only the condition counts. */
  | { check: Key; when: Condition };

export interface Query {
  pk: string;
  index?: Index;
  /** Sort keys that begin with this text. */
  prefix?: string;
  /** Sort keys from this one on, inclusive. */
  from?: string;
  /** Sort keys up to this one, inclusive. */
  to?: string;
  /** `true` for descending sort keys. */
  reverse?: boolean;
  /** 1 to 1,000. */
  limit: number;
  /** `next` of the previous page. One from another query is an `invalid_request` BerthError. */
  cursor?: string;
}

export interface Page {
  items: Item[];
  next?: string;
}

/** A change stream record: what a write did to one item. Records of one item arrive in order. */
export interface ChangeRecord {
  /** The position in the stream, rising. A string, because DynamoDB's has more digits than a number keeps. */
  seq: string;
  key: Key;
  before?: Item;
  after?: Item;
}

/** A condition of `Table.write` was not met; nothing was written. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict';
  /** The changes whose condition failed, by their index in `changes`, each with the current item if there is one. */
  readonly lost: { index: number; current: Item | undefined }[];
  constructor(lost: { index: number; current: Item | undefined }[]) {
    super(`write lost: ${lost.map(({ index }) => `change ${index}`).join(', ')}`);
    this.lost = lost;
  }
}

/**
 * The table, as DynamoDB and SQLite both implement it. `get` and a `query` without an index are strongly consistent; an
 * index may lag by a moment.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  query(query: Query): Promise<Page>;
  /** A transaction of 1 to 100 changes of different items. Throws `WriteConflict` when a condition is not met. */
  write(changes: readonly Change[]): Promise<void>;
}
