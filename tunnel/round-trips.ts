import type { WebSocket } from 'ws';

/** Marks the pings that are timed: the heartbeat's pings get pongs on the same socket. */
const pingPayload = 'round trip';
const intervalMs = 10_000;

/** Measures the round trip immediately and every 10 s, because one measurement may meet a busy moment. */
export const measureRoundTrips = (socket: WebSocket, onMeasured: (ms: number) => void): void => {
  let sentAt = 0;
  const measure = () => {
    sentAt = performance.now();
    socket.ping(pingPayload);
  };
  socket.on('pong', (payload: Buffer) => {
    if (sentAt === 0 || payload.toString() !== pingPayload) return;
    onMeasured(performance.now() - sentAt);
    sentAt = 0;
  });
  const timer = setInterval(measure, intervalMs).unref();
  socket.once('close', () => clearInterval(timer));
  measure();
};
