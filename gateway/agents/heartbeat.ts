import type { WebSocket } from 'ws';

/**
 * An agent gives up a gateway that is silent for two of these. The pings to 2,500 agents take 4 % of a CPU, see
 * docs/decisions/0022.
 */
export const defaultHeartbeatMs = 2_000;
/**
 * The first ping announces a longer wait: a replica that a whole fleet connects to at once may be late with the second.
 */
const firstIntervalBeats = 7;
/**
 * The gateway waits longer than the agent. The agent is the one that reconnects, and one that was suspended may
 * continue.
 */
const maxMissedPongs = 15;

/** Pings an agent, with the time until the next ping as payload. Calls `onLost` after 15 pings without a pong. */
export const startHeartbeat = (socket: WebSocket, everyMs: number, onLost: () => void): void => {
  let missed = 0;
  const ping = (nextMs: number) => socket.ping(String(nextMs));
  const timer = setInterval(() => {
    if (missed >= maxMissedPongs) return onLost();
    missed += 1;
    ping(everyMs);
  }, everyMs);
  socket.on('pong', () => {
    missed = 0;
  });
  socket.once('close', () => clearInterval(timer));
  ping(firstIntervalBeats * everyMs);
};
