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
import { indexKey } from '../../../contracts/table-indexes.ts';
import type { Change, Item, Query, Table } from '../../../core/ports/table.ts';
import { checkChanges, checkKey, checkQuery, isConditional, keyOf } from '../checks.ts';
import { isEmptyRange, type Position, pageOf, startOf } from '../paging.ts';
import { changeExpressions, queryExpressions } from './expressions.ts';
import { retryWrite } from './failures.ts';

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
 * A single put or delete without a condition is sent as a plain request, which costs half. Other writes need a
 * transaction: if a response is lost, the SDK's retry would add twice, or conflict with the first attempt. A
 * transaction's token prevents this.
 */
const plainCommand = (TableName: string, changes: readonly Change[]): PutCommand | DeleteCommand | undefined => {
  const [change, ...rest] = changes;
  if (change === undefined || rest.length > 0 || isConditional(change.when)) return undefined;
  if ('put' in change) return new PutCommand({ TableName, Item: change.put });
  if ('delete' in change) return new DeleteCommand({ TableName, Key: keyOf(change) });
  return undefined;
};

const startKey = ({ pk, index }: Query, start: Position | undefined): Record<string, unknown> | undefined => {
  if (start === undefined) return undefined;
  const key = { pk: start.pk, sk: start.sk };
  return index === undefined ? key : { ...key, [indexKey(index).pk]: pk, [indexKey(index).sk]: start.sort };
};

/** Implements the table port with a DynamoDB table of the shape in definition.ts. */
export const dynamoTable = (client: DynamoDBDocumentClient, tableName: string): Table => {
  /** Reads one item more than the limit, to know whether more follow; DynamoDB ends a page at 1 MB. */
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
