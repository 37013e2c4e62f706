import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { elsewherePing } from '../contracts/wire.ts';

/** The gateway's pings say how often they come; until the first one, this is assumed. */
const usualPingMs = 15_000;

/** How long the gateway may say nothing at all: two of its pings. */
const patienceMs = (pingMs: number): number => 2 * pingMs;

/** To be called before the connection opens. A network that was cut says nothing: silence of the gateway cuts it here too. */
export const watchPings = (socket: WebSocket, elsewhere: () => void): void => {
  let every = usualPingMs;
  let heardAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const leftMs = () => heardAt + patienceMs(every) - performance.now();
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(doubt, Math.max(1, leftMs()));
  };
  // What came while this process was held up is read only in this turn of the event loop.
  const doubt = () => setImmediate(() => (leftMs() > 0 ? listen() : socket.terminate()));

  // A ping may stand behind megabytes, which are life, too.
  const hear = () => {
    heardAt = performance.now();
  };
  socket.once('upgrade', ({ socket: raw }: IncomingMessage) => {
    socket.once('open', () => {
      // Not before: whoever listens first sets the bytes flowing, and the first would flow past the WebSocket.
      raw.on('data', hear);
      hear();
      listen();
    });
  });
  socket.on('ping', (payload) => {
    if (payload.toString() === elsewherePing) elsewhere();
    const told = Number(payload.toString());
    if (told >= 10 && told <= 60_000) every = told;
    listen();
  });
  socket.once('close', () => clearTimeout(timer));
};
