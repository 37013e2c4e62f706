import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { elsewherePing } from '../../contracts/agent/wire.ts';

/** Assumed until the first ping. Each ping contains the gateway's interval. */
const defaultPingMs = 15_000;

/** How long the gateway may be silent: two of its intervals. */
const maxSilenceMs = (pingMs: number): number => 2 * pingMs;

/**
 * Terminates the connection when the gateway is silent for two of its ping intervals, because a broken network reports
 * nothing. Calls `redirected` when the gateway sends the agent to another replica. Call it before the connection opens.
 */
export const watchHeartbeat = (socket: WebSocket, redirected: () => void): void => {
  let pingMs = defaultPingMs;
  let heardAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const remainingMs = () => heardAt + maxSilenceMs(pingMs) - performance.now();
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(checkSilence, Math.max(1, remainingMs()));
  };
  // Data that arrived while this process was blocked is read only in this turn of the event loop.
  const checkSilence = () => setImmediate(() => (remainingMs() > 0 ? restartTimer() : socket.terminate()));

  // Any bytes count: a ping may be queued behind megabytes of data.
  const recordBytes = () => {
    heardAt = performance.now();
  };
  socket.once('upgrade', ({ socket: raw }: IncomingMessage) => {
    socket.once('open', () => {
      // Not earlier: a `data` listener starts the flow, and the first bytes would be lost to the WebSocket.
      raw.on('data', recordBytes);
      recordBytes();
      restartTimer();
    });
  });
  socket.on('ping', (payload) => {
    if (payload.toString() === elsewherePing) redirected();
    const announcedMs = Number(payload.toString());
    if (announcedMs >= 10 && announcedMs <= 60_000) pingMs = announcedMs;
    restartTimer();
  });
  socket.once('close', () => clearTimeout(timer));
};
