import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteTable } from '../../adapters/table/sqlite.ts';
import { tableContract } from './contract.ts';

tableContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-table-'));
  const table = openSqliteTable(join(folder, 'table.db'));
  return {
    table,
    close: async () => {
      table.close();
      await rm(folder, { recursive: true });
    },
  };
});
