import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { recordConnection } from '../../core/connections/agents/agent-connection.ts';
import { type BuildRecord, buildChange } from '../../core/workspaces/records/build-record.ts';
import { loadSteps } from '../../core/workspaces/records/steps.ts';
import { type WorkspaceRecord, workspaceItem } from '../../core/workspaces/records/workspace-record.ts';
import { givenActiveBuild, givenWorkspace, now } from '../../core/workspaces/testing/records.ts';
import type { BuildRuntime } from '../runtime.ts';
import { awaitAgent } from './await-agent.ts';

let table: SqliteTable;
let runtime: BuildRuntime;
let workspace: WorkspaceRecord;
let build: BuildRecord;
beforeEach(async () => {
  table = openSqliteTable(':memory:');
  runtime = { rules: { table, clock: () => now, log: () => undefined, roleGroups: {} }, log: () => undefined };
  ({ workspace, build } = givenActiveBuild(givenWorkspace()));
  await table.write([{ put: workspaceItem(workspace) }, buildChange(build)]);
});
afterEach(() => table.close());

const agent = () => ({ workspaceId: workspace.id, buildId: build.id });
const connect = () => recordConnection(runtime.rules, agent(), true);
const wait = () => awaitAgent(runtime)({ ...agent(), taskToken: 'token' });
const steps = async () =>
  (await loadSteps(runtime.rules, workspace.id, build.number)).map(({ name, status }) => `${name} ${status}`);

test('the step runs until the agent connects', async () => {
  await wait();
  expect(await steps()).toEqual(['agent running']);
  await connect();
  expect(await steps()).toEqual(['agent succeeded']);
});

test('the step exists even if the agent connects first', async () => {
  await connect();
  await wait();
  expect(await steps()).toEqual(['agent succeeded']);
});

test('the step ends even if the agent connects at the same moment', async () => {
  let waited: Promise<unknown> | undefined;
  const write: SqliteTable['write'] = async (changes) => {
    waited ??= wait();
    await waited;
    await table.write(changes);
  };
  await recordConnection({ ...runtime.rules, table: { ...table, write } }, agent(), true);
  expect(await steps()).toEqual(['agent succeeded']);
});

test('a repeated execution leaves the ended step unchanged', async () => {
  await wait();
  await connect();
  await recordConnection(runtime.rules, agent(), false);
  await wait();
  expect(await steps()).toEqual(['agent succeeded']);
});
