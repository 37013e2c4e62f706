import { randomUUID } from 'node:crypto';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Change, Item, Query, Table } from '../../core/ports.ts';
import { checkChanges, checkKey, checkQuery, demands, keyOf } from './checks.ts';
import { indexKey } from './definition.ts';
import { changeExpressions, queryExpressions } from './dynamodb-expressions.ts';
import { retryWrite } from './dynamodb-failures.ts';
import { isEmptyRange, type Position, pageOf, startOf } from './paging.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const transactItem = (TableName: string, change: Change): TransactItem => {
  const { UpdateExpression, ...expressions } = changeExpressions(change);
  if ('put' in change) return { Put: { TableName, Item: change.put, ...expressions } };
  const Key = keyOf(change);
  if ('delete' in change) return { Delete: { TableName, Key, ...expressions } };
  if ('add' in change) return { Update: { TableName, Key, UpdateExpression, ...expressions } };
  return { ConditionCheck: { TableName, Key, ConditionExpression: undefined, ...expressions } };
};

/**
 * A lone put or delete without a condition costs half as a plain request. Anything else must not: when its answer is
 * lost, the SDK's second try would add twice, or lose against the first. A transaction's token prevents that.
 */
const plainCommand = (TableName: string, changes: readonly Change[]): PutCommand | DeleteCommand | undefined => {
  const [change, ...rest] = changes;
  if (change === undefined || rest.length > 0 || demands(change.when)) return undefined;
  if ('put' in change) return new PutCommand({ TableName, Item: change.put });
  if ('delete' in change) return new DeleteCommand({ TableName, Key: keyOf(change) });
  return undefined;
};

const startKey = ({ pk, index }: Query, start: Position | undefined): Record<string, unknown> | undefined => {
  if (start === undefined) return undefined;
  const key = { pk: start.pk, sk: start.sk };
  return index === undefined ? key : { ...key, [indexKey(index).pk]: pk, [indexKey(index).sk]: start.sort };
};

/** The table port over a DynamoDB table of the shape in definition.ts. */
export const dynamoTable = (client: DynamoDBDocumentClient, tableName: string): Table => {
  /** One item more than the limit, to know whether more follow; DynamoDB itself ends a page at 1 MB. */
  const read = async (query: Query, start: Position | undefined): Promise<Item[]> => {
    const items: Item[] = [];
    let ExclusiveStartKey = startKey(query, start);
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
          ...queryExpressions(query),
          ScanIndexForward: query.reverse !== true,
          Limit: query.limit + 1 - items.length,
          ExclusiveStartKey,
        }),
      );
      items.push(...((page.Items ?? []) as Item[]));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined && items.length <= query.limit);
    return items;
  };

  return {
    get: async (key) => {
      checkKey(key);
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
      );
      return Item as Item | undefined;
    },
    query: async (query) => {
      checkQuery(query);
      const start = startOf(query);
      if (isEmptyRange(query)) return { items: [] };
      return pageOf(query, await read(query, start));
    },
    write: async (changes) => {
      checkChanges(changes);
      const command =
        plainCommand(tableName, changes) ??
        new TransactWriteCommand({
          ClientRequestToken: randomUUID(),
          TransactItems: changes.map((change) => transactItem(tableName, change)),
        });
      await retryWrite(() => client.send(command as PutCommand));
    },
  };
};
