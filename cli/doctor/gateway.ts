import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { sessionPath } from '../../contracts/sessions/session.ts';
import { proxyHint, webSocketOptions } from '../io/network.ts';

/** An ID that no workspace has. A request without a token is refused before the workspace is looked up. */
const noWorkspace = 'ws-00000000000000000000000000';

/** Requests a session without a token, and returns the status of the refusal. */
const requestSession = async (url: string): Promise<number> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + sessionPath(noWorkspace, 'exec'), {
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
export const checkGateway = async (url: string): Promise<Verdict> => {
  let status: number;
  try {
    status = await requestSession(url);
  } catch (error) {
    return fail(
      `Could not reach the gateway: ${whyUnreachable(error)}.${proxyHint(url)}`,
      'Check whether a proxy blocks WebSockets.',
    );
  }
  if (status === 401) return ok('The gateway accepts WebSockets.');
  if (status === 502 || status === 503) {
    return warn(
      `The gateway does not respond (${status}). It may be scaled down while no workspace is running.`,
      'Start a workspace and check again. If the problem persists, contact your administrator.',
    );
  }
  return fail(
    `The gateway refused a WebSocket with status ${status}.`,
    'A proxy may turn WebSockets into plain requests. Configure it to pass WebSockets through.',
  );
};
