import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import type { Connection } from 'ssh2';
import { openAgentChannel } from './inside.ts';
import { join } from './join.ts';
import type { Scope } from './scope.ts';

/** Of the owner alone. Made at once, for the client's next request is the command that is to find it. */
const makeFolder = (): string | undefined => {
  try {
    return mkdtempSync(joinPath(tmpdir(), 'berth-ssh-'));
  } catch (thrown) {
    console.error(`berth-agent: an ssh-agent could not be forwarded: ${String(thrown)}`);
    return undefined;
  }
};

/** `ssh -A`: a socket in the workspace behind which the ssh-agent of the person answers. Answers its path. */
export const serveAgentSocket = (client: Connection, scope: Scope): string | undefined => {
  const folder = makeFolder();
  if (folder === undefined) return undefined;
  const path = joinPath(folder, 'agent');
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    openAgentChannel(client, (error, channel) => {
      if (error) return void socket.destroy();
      join(channel, socket, scope, () => {});
      socket.resume();
    });
  });
  server.on('error', (error) => console.error(`berth-agent: an ssh-agent could not be forwarded: ${error.message}`));
  server.listen(path);
  scope.add(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
};
