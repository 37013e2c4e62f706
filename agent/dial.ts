import type { Duplex } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { createWebSocketStream, WebSocket } from 'ws';
import { agentPath } from '../contracts/wire.ts';

const firstDelayMs = 100;
const longestDelayMs = 10_000;
const handshakeMs = 10_000;
/** The gateway's pings say how often they come; until the first one, this is assumed. */
const usualPingMs = 15_000;
const largestMessage = 16 * 1024 * 1024;

/** Why a gateway will never take this agent: 401, the token is not valid; 410, its build is over. */
export type Refusal = 401 | 410;

export interface Dialing {
  gatewayUrl: URL;
  token: string;
  /** Takes an open connection; answers a function that ends what it made of it. */
  connected(connection: Duplex): () => void;
  log(message: string): void;
}

/** The wait before a further attempt: doubling from 100 ms to 10 s, of which a random half, so that a fleet does not come back at once. */
export const delayBefore = (attempt: number, random: number): number => {
  const whole = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 20));
  return whole / 2 + (whole / 2) * random;
};

/** Cuts the connection when two pings in a row are missing: a network that was cut says nothing. */
const watchPings = (socket: WebSocket): void => {
  let every = usualPingMs;
  const dead = () => socket.terminate();
  let timer = setTimeout(dead, 2.5 * every);
  socket.on('ping', (payload) => {
    const told = Number(payload.toString());
    if (told >= 10 && told <= 60_000) every = told;
    clearTimeout(timer);
    timer = setTimeout(dead, 2.5 * every);
  });
  socket.once('close', () => clearTimeout(timer));
};

type Ended = { refused: Refusal } | { ended: string };

/** One connection, from the attempt to its end. */
const connectOnce = ({ gatewayUrl, token, connected }: Dialing): Promise<Ended> =>
  new Promise((resolve) => {
    const url = new URL(agentPath, gatewayUrl);
    url.protocol = gatewayUrl.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: handshakeMs,
      maxPayload: largestMessage,
    });
    // Made before the connection opens, or the gateway's first bytes would find nobody listening.
    const connection = createWebSocketStream(socket);
    let reason = 'closed';
    connection.on('error', (error) => {
      reason = error.message;
    });
    socket.once('unexpected-response', (request, { statusCode }) => {
      if (statusCode === 401 || statusCode === 410) resolve({ refused: statusCode });
      else resolve({ ended: `the gateway answered ${statusCode}` });
      request.destroy();
    });
    socket.once('open', () => {
      watchPings(socket);
      socket.once('close', connected(connection));
    });
    socket.once('close', () => resolve({ ended: reason }));
    socket.once('error', (error) => resolve({ ended: error.message }));
  });

/** Keeps a connection to the gateway for ever. Resolves only when the gateway refuses the agent for good. */
export const dial = async (dialing: Dialing & { attempts: { failed: number } }): Promise<Refusal> => {
  for (;;) {
    const end = await connectOnce(dialing);
    if ('refused' in end) return end.refused;
    const wait = delayBefore(dialing.attempts.failed, Math.random());
    dialing.attempts.failed += 1;
    dialing.log(`not connected (${end.ended}); trying again in ${Math.round(wait)} ms`);
    await after(wait);
  }
};
