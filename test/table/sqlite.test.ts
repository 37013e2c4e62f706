import { join } from 'node:path';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tableContract } from './contract/contract.ts';

tableContract('SQLite', async () => {
  const folder = temporaryFolder();
  const table = openSqliteTable(join(folder, 'table.db'));
  return {
    table,
    close: async () => {
      table.close();
    },
  };
});
