import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { sessionPath } from '../../contracts/session.ts';

/** Of no workspace. Whoever asks without a token is refused before it is looked for. */
const nobody = 'ws-00000000000000000000000000';

/** Asks for a session as terminals do, without a token; answers the status of the refusal. */
const knock = async (url: string): Promise<number> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + sessionPath(nobody, 'exec'), { handshakeTimeout: 5_000 });
  try {
    const [, { statusCode = 0 }] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    return statusCode;
  } finally {
    // A socket that is ended while it connects says so as an error.
    socket.on('error', () => undefined);
    socket.terminate();
  }
};

/** Whether WebSockets reach the gateway through all that lies between. */
export const judgeGateway = async (url: string): Promise<Verdict> => {
  let status: number;
  try {
    status = await knock(url);
  } catch (error) {
    return fail(`The gateway cannot be reached: ${whyUnreachable(error)}.`, 'Does a proxy between forbid WebSockets?');
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
