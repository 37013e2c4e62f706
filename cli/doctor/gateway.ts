import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { sessionPath } from '../../contracts/sessions/session.ts';
import { proxyHint, webSocketOptions } from '../io/network.ts';

/** The id of no workspace. A request without a token is refused before the workspace is looked up. */
const nobody = 'ws-00000000000000000000000000';

/** Requests a session without a token, and returns the status of the refusal. */
const knock = async (url: string): Promise<number> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + sessionPath(nobody, 'exec'), {
    ...(await webSocketOptions(url)),
    handshakeTimeout: 5_000,
  });
  try {
    const [, { statusCode = 0 }] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    return statusCode;
  } finally {
    // Terminating a socket while it connects emits an error.
    socket.on('error', () => undefined);
    socket.terminate();
  }
};

/** Checks that WebSockets reach the gateway through proxies and load balancers. */
export const judgeGateway = async (url: string): Promise<Verdict> => {
  let status: number;
  try {
    status = await knock(url);
  } catch (error) {
    return fail(
      `The gateway cannot be reached: ${whyUnreachable(error)}.${proxyHint(url)}`,
      'Does a proxy between forbid WebSockets?',
    );
  }
  if (status === 401) return ok('The gateway answers WebSockets.');
  if (status === 502 || status === 503) {
    return warn(
      `The gateway does not answer (${status}). It may sleep while no workspace runs.`,
      'Start a workspace and look again; if it stays, tell your administrator.',
    );
  }
  return fail(
    `The gateway's address answers ${status} to a WebSocket.`,
    'A proxy between may turn WebSockets into plain requests: have it let them through.',
  );
};
