import { expect, it } from 'vitest';
import { type HealthState, nextHealth } from './health.ts';

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
