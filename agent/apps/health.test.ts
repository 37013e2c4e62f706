import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { App } from '../../contracts/templates/template-file.ts';
import { EventLog } from '../common/events.ts';
import { type HealthState, nextHealth, ProblemFilter, watchApp } from './health.ts';

const healthAfter = (checks: boolean[], failures: number): string => {
  let state: HealthState = { health: 'starting', failedChecks: 0 };
  for (const healthy of checks) state = nextHealth(state, healthy, failures);
  return state.health;
};

it.each([
  [[false, false], 3, 'starting'],
  [[false, false, false], 3, 'unhealthy'],
  [[false, false, true], 3, 'healthy'],
  [[true, false, false], 3, 'healthy'],
  [[true, false, false, true, false, false], 3, 'healthy'],
  [[true, false, false, false], 3, 'unhealthy'],
  [[false, false, false, true], 3, 'healthy'],
])('after checks %j, with unhealthy after %i failures, an app is %s', (checks, failures, health) => {
  expect(healthAfter(checks, failures)).toBe(health);
});

it.each([
  ['every new problem', 'abc', 'abc'],
  ['a persistent problem once', 'aaaaaaaaaa', 'a'],
  ['two alternating problems once each', 'ababababababab', 'ab'],
  ['a problem again that returned and persists', 'abaaaaaaa', 'aba'],
])('an unhealthy app reports %s: of %s it reports %s', (_, found, reported) => {
  const problems = new ProblemFilter();
  expect([...found].filter((problem) => problems.shouldReport(problem)).join('')).toBe(reported);
});

it('an app that started quickly and stops is unhealthy, and healthy once it runs again', async () => {
  const listen = async (port: number) => {
    const server = createServer((_, response) => response.end()).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const reported: string[] = [];
  const events = new EventLog();
  events.follow(0, (event) => event.type === 'app' && reported.push(event.health));
  void watchApp(App.parse({ name: 'web', health: { every: '1s', failures: 1 } }), { port }, events);
  await expect.poll(() => reported).toEqual(['starting', 'healthy']);
  server.close();
  await expect.poll(() => reported).toEqual(['starting', 'healthy', 'unhealthy']);
  const restarted = await listen(port);
  await expect.poll(() => reported).toEqual(['starting', 'healthy', 'unhealthy', 'healthy']);
  restarted.close();
});
