import type { WebSocket } from 'ws';

/** An agent leaves a silent gateway after two of these. For 2,500 agents they take 4 % of a CPU, see docs/decisions/0022. */
export const beatMs = 2_000;
/** As many the first ping asks to wait for: a replica that a whole fleet dials at once may be late with the second. */
const patientBeats = 7;
/** Nothing is gained by giving an agent up quickly, as it is the agent that dials: one that was held up may go on. */
const missedBeats = 15;

/** Pings an agent, telling it when the next ping is due; `lost` when it has not answered for 15 of them. */
export const beat = (socket: WebSocket, everyMs: number, lost: () => void): void => {
  let missed = 0;
  const ping = (nextMs: number) => socket.ping(String(nextMs));
  const timer = setInterval(() => {
    if (missed >= missedBeats) return lost();
    missed += 1;
    ping(everyMs);
  }, everyMs);
  socket.on('pong', () => {
    missed = 0;
  });
  socket.once('close', () => clearInterval(timer));
  ping(patientBeats * everyMs);
};
