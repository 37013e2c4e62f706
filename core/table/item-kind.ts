import type { Log } from '../../base/log.ts';
import { BerthError } from '../errors.ts';
import type { Item, Key, Value } from '../ports/table.ts';
import { fromItem, toItem } from './item.ts';

type FieldType = 'string' | 'number' | 'boolean' | 'object' | 'list';

/** The attribute with the version of an item's kind. Absent for version 1. */
const schemaAttribute = 'schema';

const typeOf = (value: Value | undefined): string => {
  if (Array.isArray(value)) return 'list';
  return value === null ? 'null' : typeof value;
};

/**
 * A kind of item that the table stores, with a version. A version of Berth reads its own items and those of older ones.
 *
 * `fields` lists the required fields of the kind, by type. They are checked by hand and not with zod, because the check
 * runs for each item of a list (0.8 µs for a workspace, where zod takes 8 µs). To change a kind so that old items no
 * longer fit, add a migration from each version to the next: `migrations[0]` makes version 2 of a version 1.
 *
 * **Unreadable items.** An item can be broken, or written by a newer version of Berth. The rule for both:
 *
 * - One item: `read` throws. An unreadable workspace, person, token or home is not a missing one. So the request fails,
 *   and garbage collection leaves the resources of an unreadable record alone.
 * - A list for people (workspaces, builds, steps, logs, homes, people, tokens, shares, templates): `readList` logs the
 *   item's key and skips it, so that one item cannot hide all others. A skipped share or token grants nothing.
 * - A list that work or a decision depends on never skips: it takes what it needs from the keys (revocations, unfinished
 *   deactivations, crashed replicas, the shares to delete with a workspace), or the decision is "no" (requests across
 *   apps). No decision counts the items of a list; the last admin is protected by a condition on the admin's own item.
 * - Nothing automatic deletes or overwrites an unreadable item.
 */
export class ItemKind<T extends object> {
  readonly name: string;
  readonly #fields: readonly (readonly [string, FieldType])[];
  readonly #migrations: readonly ((item: Item) => Item)[];

  constructor(
    name: string,
    fields: Partial<Record<keyof T & string, FieldType>>,
    migrations: readonly ((item: Item) => Item)[] = [],
  ) {
    this.name = name;
    this.#fields = Object.entries(fields) as [string, FieldType][];
    this.#migrations = migrations;
  }

  get version(): number {
    return this.#migrations.length + 1;
  }

  /**
   * The record in an item, migrated from older versions. Throws `internal` for a newer version and for a broken item.
   */
  read(item: Item): T {
    const current = this.#migrated(item);
    for (const [field, type] of this.#fields) if (typeOf(current[field]) !== type) throw this.#broken(current, field);
    return fromItem<T>(current);
  }

  /** Like `read`, for an item of a list. Logs an item that cannot be read, by its key, and returns `undefined`. */
  readListed(item: Item, log: Log): T | undefined {
    try {
      return this.read(item);
    } catch (error) {
      log('error', 'an item of a list cannot be read; it is skipped', { item: `${item.pk} ${item.sk}`, error });
      return undefined;
    }
  }

  /** The records of a list, without those that cannot be read. */
  readList(items: readonly Item[], log: Log): T[] {
    return items.map((item) => this.readListed(item, log)).filter((record) => record !== undefined);
  }

  /** An item of the current version. */
  item(key: Key, record: T | (T & Record<string, unknown>)): Item {
    const item = toItem(key, record);
    return this.version === 1 ? item : { ...item, [schemaAttribute]: this.version };
  }

  #migrated(item: Item): Item {
    const version = Number(item[schemaAttribute] ?? 1);
    if (version === this.version) return item;
    if (!(version >= 1 && version < this.version)) throw this.#newer(version);
    return this.#migrations.slice(version - 1).reduce((old, migrate) => migrate(old), item);
  }

  #newer(version: number): BerthError {
    return new BerthError(
      'internal',
      `The table contains a ${this.name} of a newer version of Berth (schema ${version}; this one reads up to ${this.version}). Upgrade Berth.`,
    );
  }

  #broken({ pk, sk }: Item, field: string): BerthError {
    return new BerthError(
      'internal',
      `The table's item ${pk} ${sk} is not a valid ${this.name}: ${field} is missing or has the wrong type. Restore the item from a backup.`,
    );
  }
}
