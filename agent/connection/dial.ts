import { setTimeout as after } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { backOffMs, equalJitter } from '../../base/back-off.ts';
import { agentPath, tunnelProtocol } from '../../contracts/agent/wire.ts';
import { maxReceivedMessageBytes } from '../../tunnel/frames.ts';
import type { AgentAuthentication } from './authentication.ts';
import { watchHeartbeat } from './heartbeat.ts';

const backOff = { firstDelayMs: 100, longestDelayMs: 10_000, jitter: equalJitter };
const handshakeTimeoutMs = 10_000;
/** Agents that are sent to another replica spread their connections over this time. */
const redirectSpreadMs = 1_000;

/**
 * With a mask of zeros neither end has to mask. Masks protect proxies from scripts in browsers, which the agent is not
 * (RFC 6455, section 10.3).
 */
const zeroMask = (mask: Buffer): void => void mask.fill(0);

/** Why no gateway will accept this agent again. 401: its token is not valid. 410: its build is over. */
export type Refusal = 401 | 410;

interface DialOptions {
  gatewayUrl: URL;
  authentication: AgentAuthentication;
  /** Called with an open connection. Returns a function that is called when the connection ends. */
  onConnected(socket: WebSocket): () => void;
  log(message: string): void;
}

/**
 * The wait before a further attempt: doubling from 100 ms to 10 s, of which up to half is removed at random, so that
 * not all agents reconnect at the same moment.
 */
export const delayBefore = (attempt: number, random: number): number => {
  return backOffMs(attempt + 1, backOff, { random });
};

/** The wait after an end of a connection. */
export const delayAfter = (end: ConnectionEnd, attempt: number, random: number): number =>
  'redirected' in end ? redirectSpreadMs * random : delayBefore(attempt, random);

/** How a connection ended. `redirected`: it stays open for its streams, and a new connection must be made. */
type ConnectionEnd = { refused: Refusal } | { ended: string } | { redirected: true };

/** Makes one connection. Resolves when it ends, or when the gateway sends the agent to another replica. */
const connectOnce = (
  { gatewayUrl, authentication, onConnected: connected }: DialOptions,
  token: string,
): Promise<ConnectionEnd> =>
  new Promise((resolve) => {
    const url = new URL(agentPath, gatewayUrl);
    url.protocol = gatewayUrl.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, tunnelProtocol, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: maxReceivedMessageBytes,
      autoPong: false,
      generateMask: zeroMask,
    });
    watchHeartbeat(socket, () => resolve({ redirected: true }));
    socket.once('unexpected-response', (request, { statusCode }) => {
      if (statusCode === 401 || statusCode === 410) resolve({ refused: statusCode });
      else resolve({ ended: `the gateway responded with status ${statusCode}` });
      request.destroy();
    });
    socket.once('open', () => {
      authentication.tokenAccepted();
      socket.once('close', connected(socket));
    });
    socket.once('close', () => resolve({ ended: 'closed' }));
    socket.once('error', (error) => resolve({ ended: error.message }));
  });

const attempt = async (options: DialOptions): Promise<ConnectionEnd> => {
  const result = await options.authentication.token().catch((error: Error) => ({ ended: error.message }));
  if (!('token' in result)) return result;
  const end = await connectOnce(options, result.token);
  const isRefused = 'refused' in end && end.refused === 401;
  return isRefused && options.authentication.discardToken() ? { ended: 'its token is no longer valid' } : end;
};

/** Keeps the agent connected to a gateway. Resolves only when the gateway refuses the agent for good. */
export const dial = async (options: DialOptions & { attempts: { failed: number } }): Promise<Refusal> => {
  for (;;) {
    const end = await attempt(options);
    if ('refused' in end) return end.refused;
    const wait = delayAfter(end, options.attempts.failed, Math.random());
    if ('ended' in end) options.attempts.failed += 1;
    const why = 'ended' in end ? `not connected (${end.ended})` : 'sent to another gateway replica';
    options.log(`${why}; reconnecting in ${Math.round(wait)} ms`);
    await after(wait);
  }
};
