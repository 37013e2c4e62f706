import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import type { Item, Table } from '../../../core/ports/table.ts';
import { loadWorkspace } from '../../../core/workspaces/store.ts';
import { type BilledActivity, usagePerActivity } from '../../../infra/cost/usage.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { meter, type TableUsage } from '../../support/checks/metered-table.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';

/**
 * Compares the table usage of ordinary activities, from the request to the agent's last event, with the cost model. The
 * functions and workflows are the deployed ones, and no portal polls meanwhile.
 */
const template = `
name: usual
compute: { kind: process }
agent:
  startup: |
    for line in $(seq 1 50); do echo "setting up $line"; done
`;

let berth: TestBerth;
let plain: Table;
let puts: readonly Item[];
let used: TableUsage;
beforeAll(async () => {
  berth = await givenBerth({
    templateFolders: [givenTemplates({ usual: template, apps: appsTemplate('apps') })],
    sweepEveryMs: 3_600_000,
    activityEveryMs: 3_600_000,
  });
  await berth.as('ada').me();
  ({ plain, puts, used } = meter(berth.runtime.rules.table));
});
afterAll(() => berth.end());

/** Waits for a build's last write: the usual durations of its steps, which follow the workspace's new status. */
const untilBuildEnded = async (id: string, status: string, earlierPuts: number) => {
  const isStatus = async () => (await loadWorkspace(plain, id))?.status === status;
  await vi.waitUntil(isStatus, { timeout: 60_000, interval: 20 });
  await vi.waitUntil(() => puts.slice(earlierPuts).some(({ sk }) => sk === 'usual'), { timeout: 60_000, interval: 20 });
};

const usageOf = async (activity: (earlierPuts: number) => Promise<unknown>): Promise<TableUsage> => {
  const before = { ...used };
  await activity(puts.length);
  return {
    transactions: used.transactions - before.transactions,
    reads: used.reads - before.reads,
    writes: used.writes - before.writes,
  };
};

const compared = new Set<string>();

/** A model far above the real usage is as wrong as one below it. */
const compareWithModel = (seen: Partial<Record<BilledActivity, TableUsage>>) => {
  for (const [activity, counted] of Object.entries(seen)) {
    const model = usagePerActivity[activity as BilledActivity];
    compared.add(activity);
    for (const unit of ['transactions', 'reads', 'writes'] as const) {
      expect(counted[unit], `${unit} of ${activity}`).toBeLessThanOrEqual(model[unit]);
      expect(counted[unit], `${unit} of ${activity}`).toBeGreaterThanOrEqual(model[unit] / 2);
    }
  }
};

test('builds and polling use no more of the table than the cost model states', async () => {
  const ada = berth.as('ada');
  const seen: Partial<Record<BilledActivity, TableUsage>> = {};
  let id = '';
  seen.create = await usageOf(async (earlierPuts) => {
    ({ id } = await ada.createWorkspace({ body: { name: 'demo', template: 'usual' } }));
    await untilBuildEnded(id, 'running', earlierPuts);
  });
  const params = { workspace: id };
  seen.poll = await usageOf(() => ada.getWorkspace({ params }));
  seen.stop = await usageOf(async (earlierPuts) => {
    await ada.stopWorkspace({ params });
    await untilBuildEnded(id, 'stopped', earlierPuts);
  });
  seen.start = await usageOf(async (earlierPuts) => {
    await ada.startWorkspace({ params, body: {} });
    await untilBuildEnded(id, 'running', earlierPuts);
  });
  seen.delete = await usageOf(async (earlierPuts) => {
    await ada.deleteWorkspace({ params });
    await untilBuildEnded(id, 'deleted', earlierPuts);
  });

  compareWithModel(seen);
});

test('open connections and activity use no more of the table than the cost model states', async () => {
  const hosts = appHosts(berth);
  const seen: Partial<Record<BilledActivity, TableUsage>> = {};
  const earlierPuts = puts.length;
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'web', template: 'apps' } });
  await untilHealthy(berth, 'ada', id);
  await untilBuildEnded(id, 'running', earlierPuts);
  let host = '';
  let cookie = '';
  seen.connect = await usageOf(async () => {
    ({ host, cookie } = await hosts.signIn('ada', id, { for: 'app', app: 'web' }));
  });
  // One request: how many share a check depends on how fast they are, see gateway/access/app-access.test.ts.
  seen.accessCheck = await usageOf(async () => expect((await hosts.send(host, '/', { cookie })).status).toBe(200));

  const { identity, agentKey, sealer } = berth.runtime;
  const rules = gatewayRules(berth.runtime.rules, identity, { agentKey, identities: {}, sealer: sealer as never });
  const { grant: access } = await rules.openSession({ bearer: berth.tokenOf('ada') }, id, 'exec');
  const recheck = await usageOf(() => access.recheck());
  const timesAnHour = 3_600 / 10;
  seen.openHour = { transactions: 0, reads: recheck.reads * timesAnHour, writes: recheck.writes * timesAnHour };
  const buildId = (await loadWorkspace(plain, id))?.build.id ?? '';
  seen.activity = await usageOf(() => rules.recordActivity({ workspaceId: id, buildId }, new Date()));
  compareWithModel(seen);
});

test('every activity of the cost model is compared', () => {
  expect([...compared].sort()).toEqual(Object.keys(usagePerActivity).sort());
});
