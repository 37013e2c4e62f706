import type { Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import type { ActivityMeter } from '../activity.ts';
import type { ByteSession } from '../byte-session.ts';
import type { Processes } from '../processes.ts';
import type { Run } from '../run.ts';
import { serveForwards } from './forwards.ts';
import { mend } from './inside.ts';
import { Scope } from './scope.ts';
import { serveSession } from './session.ts';

interface Around {
  home: string;
  run: Run;
  processes: Processes;
  activity: ActivityMeter;
}

/** A client that answers nothing for 45 s is gone. */
const keepaliveInterval = 15_000;
/** On top of the first. */
const keepaliveCountMax = 2;

/** What processors have instructions for comes first. */
const cipher = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
] as const;

const serveClient = (client: Connection, session: ByteSession, { home, run, processes, activity }: Around): void => {
  const scope = new Scope();
  const input = () => activity.input();
  const modesOf = mend(client);
  scope.add(activity.open());
  client.once('close', () => scope.end());
  // It broke the protocol, or off: ssh2 has told it so, and leaves the connection to whoever brought it.
  client.on('error', () => session.destroy());
  // Whoever came this far was let in by the gateway; by what means the client offers itself is all the same.
  client.on('authentication', (context) => context.accept());
  client.on('session', (accept) => {
    const around = { client, scope, home, processes, input, modesOf, environment: () => run.environment };
    serveSession(accept(), around);
  });
  serveForwards(client, { home, scope, input });
};

/**
 * The workspace's SSH server. It needs nothing in the image and knows no keys of people: it speaks to whom the gateway
 * brought, with the rights of the workspace's user.
 */
export const serveSsh = (session: ByteSession, hostKey: string, around: Around): void => {
  const algorithms = { cipher: [...cipher], compress: ['none' as const] };
  const server = new ssh2.Server({ hostKeys: [hostKey], algorithms, keepaliveInterval, keepaliveCountMax }, (client) =>
    serveClient(client, session, around),
  );
  session.once('end', () => session.end());
  server.injectSocket(session as unknown as Socket);
};
