import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import type { Table } from '../../../core/ports/table.ts';
import { loadWorkspace } from '../../../core/workspaces/store.ts';
import { type Activity, usagePerActivity } from '../../../infra/cost/usage.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { type Metered, meter } from '../../support/checks/metered-table.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';

/**
 * What an ordinary act takes of the table, from the request to the last event of the agent, as the cost model says it.
 * The functions and workflows are the deployed ones; nobody looks on meanwhile.
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
let used: Metered;
beforeAll(async () => {
  berth = await givenBerth({
    templateFolders: [givenTemplates({ usual: template, apps: appsTemplate('apps') })],
    sweepEveryMs: 3_600_000,
    activityEveryMs: 3_600_000,
  });
  await berth.as('ada').me();
  ({ plain, used } = meter(berth.runtime.rules.table));
});
afterAll(() => berth.end());

const untilRest = (id: string, status: string) =>
  vi.waitUntil(async () => (await loadWorkspace(plain, id))?.status === status, { timeout: 20_000, interval: 20 });

const counted = async (act: () => Promise<unknown>): Promise<Metered> => {
  const before = { ...used };
  await act();
  return {
    transactions: used.transactions - before.transactions,
    reads: used.reads - before.reads,
    writes: used.writes - before.writes,
  };
};

const held = new Set<string>();

/** A model far above the truth is as wrong as one below it. */
const holdTo = (seen: Partial<Record<Activity, Metered>>) => {
  for (const [act, counted] of Object.entries(seen)) {
    const said = usagePerActivity[act as Activity];
    held.add(act);
    for (const what of ['transactions', 'reads', 'writes'] as const) {
      expect(counted[what], `${what} of ${act}`).toBeLessThanOrEqual(said[what]);
      expect(counted[what], `${what} of ${act}`).toBeGreaterThanOrEqual(said[what] / 2);
    }
  }
};

test('the acts of a day take of the table no more than the cost model says', async () => {
  const ada = berth.as('ada');
  const seen: Partial<Record<Activity, Metered>> = {};
  let id = '';
  seen.create = await counted(async () => {
    ({ id } = await ada.createWorkspace({ body: { name: 'demo', template: 'usual' } }));
    await untilRest(id, 'running');
  });
  const params = { workspace: id };
  seen.look = await counted(() => ada.getWorkspace({ params }));
  seen.stop = await counted(async () => {
    await ada.stopWorkspace({ params });
    await untilRest(id, 'stopped');
  });
  seen.start = await counted(async () => {
    await ada.startWorkspace({ params, body: {} });
    await untilRest(id, 'running');
  });
  seen.delete = await counted(async () => {
    await ada.deleteWorkspace({ params });
    await untilRest(id, 'deleted');
  });

  holdTo(seen);
});

test('what is open, and what is typed, takes of the table no more than the cost model says', async () => {
  const hosts = appHosts(berth);
  const seen: Partial<Record<Activity, Metered>> = {};
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'web', template: 'apps' } });
  await untilHealthy(berth, 'ada', id);
  let host = '';
  let cookie = '';
  seen.connect = await counted(async () => {
    ({ host, cookie } = await hosts.signIn('ada', id, { for: 'app', app: 'web' }));
  });
  // Requests that come together ask together.
  seen.appRight = await counted(async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => hosts.send(host, '/', { cookie })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  const { identity, agentKey, sealer } = berth.runtime;
  const rules = gatewayRules(berth.runtime.rules, identity, { agentKey, identities: {}, sealer: sealer as never });
  const { grant: access } = await rules.openSession({ bearer: berth.tokenOf('ada') }, id, 'exec');
  const asked = await counted(() => access.recheck());
  const timesAnHour = 3_600 / 10;
  seen.openHour = { transactions: 0, reads: asked.reads * timesAnHour, writes: asked.writes * timesAnHour };
  const buildId = (await loadWorkspace(plain, id))?.build.id ?? '';
  seen.activity = await counted(() => rules.recordActivity({ workspaceId: id, buildId }, new Date()));
  holdTo(seen);
});

test('every act of the cost model is held to what is counted', () => {
  expect([...held].sort()).toEqual(Object.keys(usagePerActivity).sort());
});
