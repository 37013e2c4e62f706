import { setTimeout as after } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { agentPath, tunnelProtocol } from '../contracts/wire.ts';
import { largestMessage } from '../tunnel/frames.ts';
import { watchPings } from './heartbeat.ts';
import type { SignOn } from './sign-on.ts';

const firstDelayMs = 100;
const longestDelayMs = 10_000;
const handshakeMs = 10_000;
/** Agents that are sent elsewhere come there within this time, not all at once. */
const elsewhereMs = 1_000;

/**
 * A mask of zeros, which both ends leave out of their work: masks keep scripts in browsers from writing what a proxy takes
 * for something else, and this end is no browser.
 */
const noMask = (mask: Buffer): void => void mask.fill(0);

/** Why a gateway will never take this agent: 401, the token is not valid; 410, its build is over. */
export type Refusal = 401 | 410;

export interface Dialing {
  gatewayUrl: URL;
  signOn: SignOn;
  /** Takes an open connection; answers a function that ends what it made of it. */
  connected(socket: WebSocket): () => void;
  log(message: string): void;
}

/** The wait before a further attempt: doubling from 100 ms to 10 s, of which a random half, so that a fleet does not come back at once. */
export const delayBefore = (attempt: number, random: number): number => {
  const whole = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 20));
  return whole / 2 + (whole / 2) * random;
};

/** The wait after an end of a connection. */
export const delayAfter = (end: Ended, attempt: number, random: number): number =>
  'elsewhere' in end ? elsewhereMs * random : delayBefore(attempt, random);

/** How a connection ended; `elsewhere`: it goes on for what is open through it, and the next is to be made now. */
type Ended = { refused: Refusal } | { ended: string } | { elsewhere: true };

/** One connection, from the attempt to its end, or until the gateway sends the agent elsewhere. */
const connectOnce = ({ gatewayUrl, signOn, connected }: Dialing, token: string): Promise<Ended> =>
  new Promise((resolve) => {
    const url = new URL(agentPath, gatewayUrl);
    url.protocol = gatewayUrl.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, tunnelProtocol, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: handshakeMs,
      maxPayload: largestMessage,
      autoPong: false,
      generateMask: noMask,
    });
    watchPings(socket, () => resolve({ elsewhere: true }));
    socket.once('unexpected-response', (request, { statusCode }) => {
      if (statusCode === 401 || statusCode === 410) resolve({ refused: statusCode });
      else resolve({ ended: `the gateway answered ${statusCode}` });
      request.destroy();
    });
    socket.once('open', () => {
      signOn.accepted();
      socket.once('close', connected(socket));
    });
    socket.once('close', () => resolve({ ended: 'closed' }));
    socket.once('error', (error) => resolve({ ended: error.message }));
  });

const attempt = async (dialing: Dialing): Promise<Ended> => {
  const signedOn = await dialing.signOn.token().catch((error: Error) => ({ ended: error.message }));
  if (!('token' in signedOn)) return signedOn;
  const end = await connectOnce(dialing, signedOn.token);
  const isRefused = 'refused' in end && end.refused === 401;
  return isRefused && dialing.signOn.renew() ? { ended: 'its token is no longer known' } : end;
};

/** Keeps a connection to the gateway for ever. Resolves only when the gateway refuses the agent for good. */
export const dial = async (dialing: Dialing & { attempts: { failed: number } }): Promise<Refusal> => {
  for (;;) {
    const end = await attempt(dialing);
    if ('refused' in end) return end.refused;
    const wait = delayAfter(end, dialing.attempts.failed, Math.random());
    if ('ended' in end) dialing.attempts.failed += 1;
    const why = 'ended' in end ? `not connected (${end.ended})` : 'sent elsewhere';
    dialing.log(`${why}; connecting again in ${Math.round(wait)} ms`);
    await after(wait);
  }
};
