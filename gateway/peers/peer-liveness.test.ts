import { EventEmitter } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchLiveness } from './peer-liveness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection whose peer acknowledges no ping. */
const givenSilent = () => {
  const session = Object.assign(new EventEmitter(), {
    destroyed: false,
    socket: { bytesRead: 0 },
    ping: () => true,
    destroy: () => {
      session.destroyed = true;
      session.emit('close');
    },
  });
  watchLiveness(session as unknown as ClientHttp2Session);
  return session;
};

it('a peer that sends nothing is disconnected within 4 s', () => {
  const session = givenSilent();
  vi.advanceTimersByTime(4_000);
  expect(session.destroyed).toBe(true);
});

it('a peer whose acknowledgement waits behind megabytes of data is not, until the data ends', () => {
  const session = givenSilent();
  for (let seconds = 0; seconds < 20; seconds += 1) {
    session.socket.bytesRead += 1_000_000;
    vi.advanceTimersByTime(1_000);
  }
  expect(session.destroyed).toBe(false);
  vi.advanceTimersByTime(4_000);
  expect(session.destroyed).toBe(true);
});
