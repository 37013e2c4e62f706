import type { Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import type { ByteSession } from '../sessions/byte-session.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { CleanupScope } from './cleanup-scope.ts';
import { serveForwards } from './forwards.ts';
import { serveSession } from './session.ts';
import { patchConnection } from './ssh2-internals.ts';

/** A client that does not respond for 45 s is disconnected. */
const keepaliveInterval = 15_000;
/** In addition to the first. */
const keepaliveCountMax = 2;

/** Ciphers with hardware support come first. */
const cipher = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
] as const;

const serveClient = (client: Connection, session: ByteSession, context: () => SessionContext): void => {
  const scope = new CleanupScope();
  const { home, activity } = context();
  const modesOf = patchConnection(client);
  scope.add(activity.countConnection());
  client.once('close', () => scope.end());
  // ssh2 has reported the protocol error to the client, and leaves closing the stream to us.
  client.on('error', () => session.destroy());
  // The gateway has authorized the session, so any authentication method is accepted.
  client.on('authentication', (context) => context.accept());
  client.on('session', (accept) => {
    serveSession(accept(), { client, scope, context, modesOf });
  });
  serveForwards(client, { home, scope, activity });
};

/**
 * Serves the SSH protocol on a session. It needs nothing in the image and no public keys of people, because the gateway
 * authorizes every session. Programs run as the workspace's user.
 */
export const serveSsh = (session: ByteSession, hostKey: string, context: () => SessionContext): void => {
  const algorithms = { cipher: [...cipher], compress: ['none' as const] };
  const server = new ssh2.Server({ hostKeys: [hostKey], algorithms, keepaliveInterval, keepaliveCountMax }, (client) =>
    serveClient(client, session, context),
  );
  session.once('end', () => session.end());
  server.injectSocket(session as unknown as Socket);
};
