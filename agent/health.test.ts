import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { App } from '../contracts/template.ts';
import { EventLog } from './events.ts';
import { type HealthState, nextHealth, watchApp } from './health.ts';

const after = (checks: boolean[], failures: number): string => {
  let state: HealthState = { health: 'starting', misses: 0 };
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
])('after %j with %i misses allowed it is %s', (checks, failures, health) => {
  expect(after(checks, failures)).toBe(health);
});

it('an app that was quick to answer and dies is unhealthy, and healthy when it is back', async () => {
  const listen = async (port: number) => {
    const server = createServer((_, response) => response.end()).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const told: string[] = [];
  const events = new EventLog();
  events.follow(0, (event) => event.type === 'app' && told.push(event.health));
  void watchApp(App.parse({ name: 'web', health: { every: '1s', failures: 1 } }), { port }, events);
  await expect.poll(() => told).toEqual(['starting', 'healthy']);
  server.close();
  await expect.poll(() => told).toEqual(['starting', 'healthy', 'unhealthy']);
  const again = await listen(port);
  await expect.poll(() => told).toEqual(['starting', 'healthy', 'unhealthy', 'healthy']);
  again.close();
});
