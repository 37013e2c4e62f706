import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { openSqliteTable, type SqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { authenticateToken } from '../../../core/people/tokens.ts';
import { createWorkspace } from '../../../core/workspaces/commands/create.ts';
import { type WorkspaceRecord, workspaceItem } from '../../../core/workspaces/records/workspace-record.ts';
import { terminalLog } from '../../../local/log.ts';
import { writeDevTokens } from '../../../local/sign-in/dev-tokens.ts';
import { roleGroups } from '../../../local/sign-in/seeded-people.ts';
import { publishTemplates } from '../../../local/wiring/bundled-templates.ts';

const consumers = ['workspaces', 'audit'];
const perWrite = 100;

/**
 * Writes stopped workspaces of ada directly into the table of a data folder that no server uses yet: the first by the
 * rules, the others as copies of it. The changes are removed from the stream, as if they had been delivered long ago.
 */
export const seedWorkspaces = async (
  dataDir: string,
  templates: string,
  count: number,
  template: string,
): Promise<void> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const table = openSqliteTable(join(dataDir, 'table.sqlite'), { consumers });
  try {
    const rules = { table, clock: () => new Date(), log: terminalLog, roleGroups };
    await publishTemplates(rules, templates, terminalLog);
    const tokensFile = join(dataDir, 'dev-tokens.json');
    await writeDevTokens(rules, tokensFile);
    const tokens = JSON.parse(readFileSync(tokensFile, 'utf8')) as Record<string, string>;
    const ada = await authenticateToken(rules, tokens['ada'] ?? '');
    const first = await createWorkspace(rules, ada, { name: 'seed-0', template, parameters: {} }, () => []);
    await putCopies(table, stopped(first), count);
    forgetChanges(table);
  } finally {
    table.close();
  }
};

const stopped = (workspace: WorkspaceRecord): WorkspaceRecord => ({
  ...workspace,
  desired: 'stopped',
  status: 'stopped',
  build: { ...workspace.build, status: 'succeeded' },
});

const putCopies = async (table: SqliteTable, first: WorkspaceRecord, count: number): Promise<void> => {
  for (let from = 0; from < count; from += perWrite) {
    const numbers = Array.from({ length: Math.min(perWrite, count - from) }, (_, index) => from + index);
    await table.write(numbers.map((number) => ({ put: workspaceItem(copyOf(first, number)) })));
  }
};

const copyOf = (first: WorkspaceRecord, number: number): WorkspaceRecord =>
  number === 0 ? first : { ...first, id: `ws-${ulid().toLowerCase()}`, name: `seed-${number}` };

const forgetChanges = (table: SqliteTable): void => {
  for (const consumer of consumers) {
    for (let last = lastChange(table, consumer); last !== undefined; last = lastChange(table, consumer)) {
      table.acknowledge(consumer, last);
    }
  }
};

const lastChange = (table: SqliteTable, consumer: string): string | undefined =>
  table.readChanges(consumer, 1_000).at(-1)?.seq;
