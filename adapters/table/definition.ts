import type { CreateTableInput, GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { indexes, indexKey, projections } from '../../contracts/table-indexes.ts';
import type { Index, Item } from '../../core/ports/table.ts';

const keySchema = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

const projectionOf = (index: Index): GlobalSecondaryIndex['Projection'] => {
  const names = projections[index];
  if (names === undefined) return { ProjectionType: 'ALL' };
  return names.length === 0
    ? { ProjectionType: 'KEYS_ONLY' }
    : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...names] };
};

/** Returns an item with the attributes that a query of the index returns. */
export const projected = (item: Item, index: Index | undefined): Item => {
  const names = index && projections[index];
  if (index === undefined || names === undefined) return item;
  const included = new Set(['pk', 'sk', ...Object.values(indexKey(index)), ...names]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => included.has(name))) as Item;
};

const globalIndex = (index: Index): GlobalSecondaryIndex => ({
  IndexName: index,
  KeySchema: keySchema(indexKey(index).pk, indexKey(index).sk),
  Projection: projectionOf(index),
});

/** Berth's only DynamoDB table, in the form of `CreateTable`. */
export const tableDefinition = (tableName: string) =>
  ({
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', ...indexes.flatMap((index) => Object.values(indexKey(index)))].map((name) => ({
      AttributeName: name,
      AttributeType: 'S' as const,
    })),
    KeySchema: keySchema('pk', 'sk'),
    GlobalSecondaryIndexes: indexes.map(globalIndex),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  }) satisfies CreateTableInput;
