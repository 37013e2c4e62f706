import type { CreateTableInput, GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import type { Index } from '../../core/ports.ts';

export const indexes = ['list', 'all', 'due'] as const satisfies Index[];

/** The attributes that put an item into an index. */
export const indexKey = (index: Index) => ({ pk: `${index}Pk`, sk: `${index}Sk` }) as const;

const keySchema = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

const globalIndex = (index: Index): GlobalSecondaryIndex => ({
  IndexName: index,
  KeySchema: keySchema(indexKey(index).pk, indexKey(index).sk),
  Projection: { ProjectionType: 'ALL' },
});

/** Berth's one DynamoDB table, as `CreateTable` takes it. */
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
