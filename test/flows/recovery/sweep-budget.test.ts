import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { computeRegistry } from '../../../compute/registry.ts';
import { skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import { instant } from '../../../core/instant.ts';
import type { Workflows } from '../../../core/ports/workflows.ts';
import { padded } from '../../../core/table/item.ts';
import { buildChange } from '../../../core/workspaces/records/build-record.ts';
import { workspaceItem } from '../../../core/workspaces/records/workspace-record.ts';
import { stopFields } from '../../../core/workspaces/rules/stop-time.ts';
import { loadWorkspace } from '../../../core/workspaces/store.ts';
import { givenActiveBuild, givenWorkspace, now } from '../../../core/workspaces/testing/records.ts';
import type { SweepRuntime } from '../../../functions/runtime.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';

/** The sweep on a morning with thousands of starts: overdue stops do not wait for them. */
let table: SqliteTable;
/** The actions of the sweep, in order. */
let done: string[];
/** The time in ms, advanced by each call as if calls were sequential. */
let elapsed: number;
let startExecution: Workflows['resume'];
beforeEach(() => {
  table = openSqliteTable(':memory:');
  done = [];
  elapsed = 0;
  startExecution = async (_, name) => {
    // About the duration of a call to AWS.
    elapsed += 21;
    done.push(`start ${name}`);
    return 'under-way';
  };
});
afterEach(() => table.close());

const hoursAgo = (hours: number) => instant(new Date(now.getTime() - hours * 3_600_000));
const idOf = (n: number) => `ws-${padded(n, 26)}`;

const givenBuilds = async (count: number) => {
  const items = Array.from({ length: count }, (_, n) => {
    const { workspace, build } = givenActiveBuild(givenWorkspace({ id: idOf(n), name: `w${n}` }));
    return [{ put: workspaceItem({ ...workspace, buildAt: hoursAgo(1) }) }, buildChange(build)];
  });
  for (let n = 0; n < count; n += 50) await table.write(items.slice(n, n + 50).flat());
};

const givenRunning = async (id: string, startedAt: string) => {
  const running = givenWorkspace({ id, status: 'running', startedAt });
  await table.write([{ put: workspaceItem({ ...running, ...stopFields(running) }) }]);
};

const givenAutostart = (id: string) =>
  table.write([
    {
      put: workspaceItem(
        givenWorkspace({
          id,
          desired: 'stopped',
          autostart: { days: ['fri'], at: '09:30', timeZone: 'UTC' },
          autostartAt: instant(new Date(now.getTime() - 60_000)),
        }),
      ),
    },
  ]);

const sweepOnce = (budgetMs: number) => {
  const runtime: SweepRuntime = {
    rules: {
      clock: () => now,
      log: () => undefined,
      roleGroups: {},
      table: {
        ...table,
        write: async (changes) => {
          await table.write(changes);
          const [first] = changes;
          if (first !== undefined && 'put' in first && first.put.sk === 'workspace')
            done.push(`${first.put['desired'] === 'running' ? 'autostart' : 'stop'} ${first.put['id']}`);
        },
      },
    },
    scheduler: {
      put: async () => {},
      remove: async () => {},
      putRecurring: async () => {},
      removeRecurring: async () => {},
    },
    workflows: {
      start: async () => {},
      resume: (...args) => startExecution(...args),
      succeed: async () => {},
      fail: async () => {},
    },
    compute: computeRegistry([skeletonKind(new Map())]),
    log: () => {},
  };
  return sweep(runtime)({ everything: false, budgetMs, now: () => elapsed });
};

const startsOf = () => done.filter((what) => what.startsWith('start '));
const overdue = idOf(9_000);
const early = idOf(9_001);

test('overdue stops and autostarts come before 3,000 builds, which share the remaining time', async () => {
  await givenBuilds(3_000);
  await givenRunning(overdue, hoursAgo(24));
  await givenAutostart(early);
  await sweepOnce(45_000);
  expect(done.slice(0, 2)).toEqual([`stop ${overdue}`, `autostart ${early}`]);
  // The function ends at 55 s. One after the other, all of them would have taken 63 s.
  expect(elapsed).toBeLessThan(45_000);
  expect(startsOf().length).toBeGreaterThan(500);

  for (let more = 0; more < 4; more++) await sweepOnce(45_000);
  expect(new Set(startsOf()).size).toBe(3_000);
});

test('builds whose execution cannot be started delay neither each other nor the rest of the sweep', async () => {
  await givenBuilds(300);
  startExecution = async (_, name) => {
    elapsed += 21;
    done.push(`start ${name}`);
    throw new Error('ThrottlingException');
  };
  await sweepOnce(2_000);
  const first = startsOf().length;
  await givenRunning(overdue, hoursAgo(24));
  await sweepOnce(2_000);
  expect(done).toContain(`stop ${overdue}`);
  expect(new Set(startsOf()).size).toBe(startsOf().length);
  expect(startsOf().length).toBeGreaterThan(first);
});

test('hanging calls cost a sweep no more than its budget, and the next sweep continues after them', async () => {
  await givenBuilds(30);
  startExecution = async (_, name) => {
    done.push(`start ${name}`);
    return new Promise(() => undefined);
  };
  await sweepOnce(400);
  await sweepOnce(400);
  expect(new Set(startsOf()).size).toBe(20);
});

test('a build that its executions do not end fails with the reason; one that has ended is left alone', async () => {
  await givenBuilds(2);
  startExecution = async (_, name) => {
    const workspace = await loadWorkspace(table, idOf(0));
    if (workspace !== undefined && name === workspace.build.id) {
      const ended = {
        ...workspace,
        status: 'running' as const,
        build: { ...workspace.build, status: 'succeeded' as const },
      };
      await table.write([{ put: workspaceItem(ended) }]);
    }
    return 'given-up';
  };
  await sweepOnce(45_000);
  expect(await loadWorkspace(table, idOf(0))).toMatchObject({ status: 'running', build: { status: 'succeeded' } });
  const left = await loadWorkspace(table, idOf(1));
  expect(left).toMatchObject({ status: 'failed', build: { status: 'failed' } });
  expect(left?.failure?.message).toMatch(/^Berth cannot continue this start, .* Its workflow ended several times/);
});

test('a new build is left to the change stream', async () => {
  const { workspace } = givenActiveBuild(givenWorkspace({ id: idOf(1) }));
  await table.write([{ put: workspaceItem(workspace) }]);
  await sweepOnce(45_000);
  expect(startsOf()).toEqual([]);
});

test('a workspace with a disconnected agent stops when it is due', async () => {
  await givenRunning(overdue, hoursAgo(24));
  const workspace = await loadWorkspace(table, overdue);
  if (workspace === undefined) throw new Error('the workspace is missing');
  const agent = { status: 'disconnected', since: hoursAgo(23) } as const;
  await table.write([{ put: workspaceItem({ ...workspace, agent }) }]);
  await sweepOnce(45_000);
  expect(done).toEqual([`stop ${overdue}`]);
});
