import { afterEach, expect, it, vi } from 'vitest';
import { ask, cleanUp, givenAppSession, givenBerth } from './test-harness.ts';
import type { TestWorkspace } from './test-rules.ts';

afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

/** A workspace whose agent is nowhere. */
const demo: TestWorkspace = {
  id: `ws-${'0'.repeat(26)}`,
  name: 'demo1',
  owner: 'ada',
  token: 'agent-token',
  status: 'running',
  over: false,
  manifest: {
    workspace: { id: 'ws-1', name: 'demo1', owner: 'ada' },
    build: 'build-1',
    startup: '',
    startupTimeoutMs: 20_000,
    env: {},
    dotfiles: '',
    apps: [],
  },
};

it('what was taken away is looked for as long as a right is kept, though nothing is open by it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  const berth = await givenBerth();
  const look = vi.spyOn(berth.rules, 'lastRevocations');
  const opened = vi.spyOn(berth.rules, 'openApp');
  await vi.advanceTimersByTimeAsync(100);
  const app = 'web--demo1--ada';
  berth.rules.workspaces.push(demo);
  const cookie = givenAppSession(berth, app);
  const visit = async () => (await ask(berth, app, '/', { headers: { cookie } })).status;

  expect([await visit(), await visit()]).toEqual([502, 502]);
  expect(opened).toHaveBeenCalledTimes(1);
  look.mockResolvedValueOnce(new Map([['1', 'p-ada']]));
  await vi.advanceTimersByTimeAsync(800);
  expect(look).toHaveBeenCalledTimes(1);
  await visit();
  expect(opened).toHaveBeenCalledTimes(2);
});
