import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { window } from './frames.ts';
import { measureRoundTrips } from './round-trips.ts';
import { cleanUp, givenSockets } from './test-tunnel.ts';
import { Windows } from './windows.ts';

afterEach(cleanUp);

it('a stream to an end that is near has its first window and no more', () => {
  const windows = new Windows();
  expect(windows.lend()).toBe(0);
  windows.measured(0.5);
  expect(windows.lend()).toBe(0);
});

it('a stream to one that is far has what fills the line, by the shortest round trip', () => {
  const windows = new Windows();
  windows.measured(500);
  windows.measured(20);
  windows.measured(100);
  expect(window + windows.lend()).toBe(3_000_000);
});

it('one tunnel has no more than 32 MiB of that, and again what streams give back', () => {
  const windows = new Windows();
  windows.measured(10_000);
  const lent = Array.from({ length: 20 }, () => windows.lend());
  expect(lent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(32 * 1024 * 1024);
  expect(lent[0]).toBe(4 * 1024 * 1024 - window);
  expect(windows.lend()).toBe(0);
  windows.giveBack(lent[0] ?? 0);
  expect(windows.lend()).toBe(lent[0]);
});

it('a round trip is timed, and other pongs are not taken for it', async () => {
  const { dialled, dialler } = await givenSockets();
  const measured = vi.fn<(ms: number) => void>();
  const asked = once(dialler, 'ping');
  measureRoundTrips(dialled, measured);
  const [payload] = (await asked) as [Buffer];
  dialler.pong('2000');
  dialler.pong(payload);
  dialler.pong(payload);
  await expect.poll(() => measured.mock.calls).toEqual([[expect.any(Number)]]);
});
