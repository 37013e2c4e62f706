import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { initialWindow } from './frames.ts';
import { measureRoundTrips } from './round-trips.ts';
import { cleanUp, givenSockets } from './testing/tunnel.ts';
import { ReceiveWindows } from './windows.ts';

afterEach(cleanUp);

it('a stream to a nearby peer gets its initial window only', () => {
  const windows = new ReceiveWindows();
  expect(windows.grantExtra()).toBe(0);
  windows.recordRoundTrip(0.5);
  expect(windows.grantExtra()).toBe(0);
});

it('a stream to a distant peer gets the bandwidth-delay product of the shortest round trip', () => {
  const windows = new ReceiveWindows();
  windows.recordRoundTrip(500);
  windows.recordRoundTrip(20);
  windows.recordRoundTrip(100);
  expect(initialWindow + windows.grantExtra()).toBe(3_000_000);
});

it('a tunnel grants at most 32 MiB of extra windows, and again what streams release', () => {
  const windows = new ReceiveWindows();
  windows.recordRoundTrip(10_000);
  const granted = Array.from({ length: 20 }, () => windows.grantExtra());
  expect(granted.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(32 * 1024 * 1024);
  expect(granted[0]).toBe(4 * 1024 * 1024 - initialWindow);
  expect(windows.grantExtra()).toBe(0);
  windows.releaseExtra(granted[0] ?? 0);
  expect(windows.grantExtra()).toBe(granted[0]);
});

it('a round trip is measured, and other pongs are ignored', async () => {
  const { dialed, dialer } = await givenSockets();
  const measured = vi.fn<(ms: number) => void>();
  const pinged = once(dialer, 'ping');
  measureRoundTrips(dialed, measured);
  const [payload] = (await pinged) as [Buffer];
  dialer.pong('2000');
  dialer.pong(payload);
  dialer.pong(payload);
  await expect.poll(() => measured.mock.calls).toEqual([[expect.any(Number)]]);
});
