/** The table's secondary indexes; core/ports/table.ts describes them. */
export const indexes = ['list', 'all', 'due'] as const;

/** The attributes that put an item into an index. */
export const indexKey = (index: (typeof indexes)[number]) => ({ pk: `${index}Pk`, sk: `${index}Sk` }) as const;

/**
 * The attributes that an index projects besides the keys, at most 20; `undefined` projects all. A write that changes
 * none of them does not write to the index. DynamoDB cannot change the projection of an existing index.
 */
export const projections: Record<(typeof indexes)[number], readonly string[] | undefined> = {
  // Few writers share a partition (one owner or one kind of item), so all attributes are affordable.
  list: undefined,
  // Read rarely, by admins, who then get each item. `owned` is an attribute of VM items.
  all: ['owned'],
  // The reader gets each item, because an index may lag.
  due: [],
};
