import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Table } from '../../core/ports.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import { type Act, work } from '../../infra/cost/usage.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../support/berth.ts';
import { type Metered, meter } from '../support/metered.ts';

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
    templateFolders: [givenTemplates({ usual: template })],
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

test('the acts of a day take of the table no more than the cost model says', async () => {
  const ada = berth.as('ada');
  const seen: Partial<Record<Act, Metered>> = {};
  let id = '';
  seen.create = await counted(async () => {
    ({ id } = await ada.createWorkspace({ body: { name: 'demo', template: 'usual' } }));
    await untilRest(id, 'running');
  });
  const params = { workspace: id };
  seen.look = await counted(() => ada.getWorkspace({ params }));
  seen.connect = await counted(() => ada.createTicket({ params, body: { for: 'session' } }));
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

  for (const [act, { transactions, reads, writes }] of Object.entries(seen)) {
    const said = work[act as Act];
    expect({ act, transactions, reads, writes }).toSatisfy(
      () => transactions <= said.transactions && reads <= said.reads && writes <= said.writes,
      `at most ${JSON.stringify(said)}`,
    );
    // A model far above the truth is as wrong as one below it.
    expect(writes, act).toBeGreaterThanOrEqual(said.writes / 2);
  }
});
