import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../adapters/table/dynamodb/table.ts';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Table } from '../../core/ports/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type DynamoLocal, dynamoAvailable, startDynamoLocal } from './dynamodb-local.ts';
import { type Operation, operations } from './operations.ts';
import { run } from './run-operation.ts';

const sequences = Number(process.env['BERTH_DIFFERENTIAL_RUNS'] ?? 100);
/** DynamoDB Local uses several threads; more concurrent sequences gained nothing on two cores. */
const lanes = 8;
const timeoutMs = 600_000;

describe.runIf(dynamoAvailable('the differential test of SQLite against DynamoDB'))('SQLite and DynamoDB', () => {
  let local: DynamoLocal;
  let folder: string;
  let sqlite: SqliteTable;
  let dynamo: Table;
  beforeAll(async () => {
    local = await startDynamoLocal();
    await local.createTable('berth');
    dynamo = dynamoTable(local.client, 'berth');
    folder = temporaryFolder();
    sqlite = openSqliteTable(join(folder, 'table.db'));
  });
  afterAll(async () => {
    sqlite.close();
    await local.stop();
  });

  /** Each sequence has its own partitions, so that all can share a table. */
  const compare = async (sequence: readonly Operation[]): Promise<void> => {
    const scope = randomUUID();
    for (const operation of sequence) {
      const [expected, actual] = await Promise.all([run(dynamo, operation, scope), run(sqlite, operation, scope)]);
      expect(actual, JSON.stringify(operation)).toEqual(expected);
    }
  };

  it.concurrent.each(Array.from({ length: lanes }, (_, lane) => lane))(
    'return the same for random operations, lane %i',
    async () => {
      await fc.assert(fc.asyncProperty(operations, compare), { numRuns: Math.ceil(sequences / lanes) });
    },
    timeoutMs,
  );
});
