import type { WebSocket } from 'ws';

/** What pings say that are there to be timed. */
const word = 'round trip';
const everyMs = 10_000;

/** Times a round trip at once, and others later: the first may have met a busy moment. */
export const measureRoundTrips = (socket: WebSocket, measured: (ms: number) => void): void => {
  let sentAt = 0;
  const measure = () => {
    sentAt = performance.now();
    socket.ping(word);
  };
  socket.on('pong', (payload: Buffer) => {
    if (sentAt === 0 || payload.toString() !== word) return;
    measured(performance.now() - sentAt);
    sentAt = 0;
  });
  const timer = setInterval(measure, everyMs).unref();
  socket.once('close', () => clearInterval(timer));
  measure();
};
