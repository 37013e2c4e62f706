import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeRecordOf } from '../../adapters/table/dynamodb/stream-records.ts';
import { dynamoTable } from '../../adapters/table/dynamodb/table.ts';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Change, ChangeRecord } from '../../core/ports/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type DynamoLocal, dynamoAvailable, startDynamoLocal } from './dynamodb-local.ts';

const a = { pk: 'p', sk: 'a' };
const b = { pk: 'p', sk: 'b' };

const writes: Change[][] = [
  [{ put: { ...a, n: 0, nested: { list: [1, 'zwei', null], empty: '' } } }],
  [{ put: { nested: { empty: '', list: [1, 'zwei', null] }, n: 0, ...a } }],
  [{ add: a, amounts: { n: 0 } }],
  [{ add: a, amounts: { n: 2, m: 0 } }],
  [{ put: b }, { check: a, when: { present: true } }],
  [{ delete: { pk: 'p', sk: 'never' } }],
  [{ delete: b, when: { present: true } }, { put: { ...a, n: 2.5 } }],
  [{ add: b, amounts: { n: 1 } }],
  [{ delete: a }, { delete: b }],
];

/** The changes of each item, in order. The streams have no order between items. */
const histories = (records: ChangeRecord[]) =>
  [a, b].map(({ sk }) => records.filter(({ key }) => key.sk === sk).map(({ before, after }) => ({ before, after })));

describe.runIf(dynamoAvailable('the comparison of change streams'))('the change streams', () => {
  let local: DynamoLocal;
  let folder: string;
  let sqlite: SqliteTable;
  beforeAll(async () => {
    local = await startDynamoLocal();
    await local.createTable('berth');
    folder = temporaryFolder();
    sqlite = openSqliteTable(join(folder, 'table.db'), { consumers: ['test'] });
  });
  afterAll(async () => {
    sqlite.close();
    await local.stop();
  });

  it('of SQLite and DynamoDB have the same records, and none for writes that changed nothing', async () => {
    const dynamo = dynamoTable(local.client, 'berth');
    for (const changes of writes) {
      await dynamo.write(changes);
      await sqlite.write(changes);
    }
    const expected = histories(sqlite.readChanges('test', 100));
    expect(expected.map((history) => history.length)).toEqual([4, 4]);
    expect(histories((await local.readStream('berth')).map(changeRecordOf))).toEqual(expected);
  });
});
