import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CronerScheduler, cronerScheduler } from '../../adapters/scheduler/croner.ts';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { type LocalWorkflows, localWorkflows } from '../../adapters/workflows/local.ts';
import type { ChangeRecord, Item } from '../../core/ports/table.ts';
import { buildItems, buildKey } from '../../core/workspaces/records/build-record.ts';
import { workspaceItem } from '../../core/workspaces/records/workspace-record.ts';
import { givenActiveBuild, givenWorkspace } from '../../core/workspaces/testing/records.ts';
import { definitions } from '../../test/ports/definitions.ts';
import { successfulSteps } from '../../test/ports/workflows.ts';
import { workspaceChanges } from './workspaces.ts';

let table: SqliteTable;
let scheduler: CronerScheduler;
let workflows: LocalWorkflows;
const effects: string[] = [];
const logged: string[] = [];
beforeEach(() => {
  effects.length = 0;
  logged.length = 0;
  table = openSqliteTable(':memory:', { consumers: ['workspaces'] });
  scheduler = cronerScheduler(
    { stop: async ({ workspaceId }) => void effects.push(`stop ${workspaceId}`), autostart: async () => undefined },
    (error) => logged.push(String(error)),
  );
  const plan = async (input: unknown) => {
    effects.push(`start ${(input as { buildId: string }).buildId}`);
    return successfulSteps['Plan']?.({});
  };
  workflows = localWorkflows({
    definitions,
    steps: () => ({ Plan: plan, Apply: async () => ({ settled: true, waitSeconds: 0 }), AwaitAgent: async () => null }),
    onFailure: (_, error) => logged.push(String(error)),
  });
});
afterEach(async () => {
  scheduler.close();
  await workflows.close();
  table.close();
});

/** Hands one change to the consumer, and returns whether it was handled. */
const isHandled = async (change: ChangeRecord): Promise<boolean> => {
  const consume = workspaceChanges({
    scheduler,
    workflows,
    log: (level, line) => void logged.push(`${level} ${line}`),
  });
  return (await consume([{ seq: change.seq, read: () => change }])) === undefined;
};

/** Stores a damaged item and then the right one, and returns both changes as the stream has them. */
const givenRepair = async (damaged: Item, repaired: Item) => {
  await table.write([{ put: damaged }]);
  await table.write([{ put: repaired }]);
  const [damage, repair] = table.readChanges('workspaces', 2);
  if (damage === undefined || repair === undefined) throw new Error('the stream has not both changes');
  return { damage, repair };
};

const { workspace, build } = givenActiveBuild(givenWorkspace({ stopAt: '2026-11-20T11:00:00.000Z' }));
const buildItem = buildItems.item(buildKey(workspace.id, build.number), build);

test.each<[string, Item, Item, string]>([
  [
    'workspace',
    { ...workspaceItem({ ...workspace, stopAt: '2026-11-20T11:00:00.000Z' }), apps: 'damaged' },
    workspaceItem({ ...workspace, stopAt: '2026-11-20T11:00:00.000Z' }),
    `stop ${workspace.id}`,
  ],
  ['build', { ...buildItem, schema: 99 }, buildItem, `start ${build.id}`],
])('the change that repairs an unreadable %s has its effect', async (_, damaged, repaired, effect) => {
  const { damage, repair } = await givenRepair(damaged, repaired);
  expect(await isHandled(damage)).toBe(false);
  expect(effects).toEqual([]);
  logged.length = 0;
  expect(await isHandled(repair)).toBe(true);
  await expect.poll(() => effects).toEqual([effect]);
  expect(logged).toEqual([expect.stringMatching(/^warn an item cannot be read as it was before a change/)]);
});
