import { describe } from 'vitest';
import { dynamoTable } from '../../adapters/table/dynamodb/table.ts';
import { tableContract } from './contract/contract.ts';
import { dynamoAvailable, startDynamoLocal } from './dynamodb-local.ts';

describe.runIf(dynamoAvailable('the table contract on DynamoDB'))('with DynamoDB Local', () => {
  tableContract('DynamoDB', async () => {
    const local = await startDynamoLocal();
    await local.createTable('berth');
    return { table: dynamoTable(local.client, 'berth'), close: local.stop };
  });
});
