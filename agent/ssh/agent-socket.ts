import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import type { Connection } from 'ssh2';
import { openAgentChannel } from './inside.ts';
import { join } from './join.ts';
import type { Scope } from './scope.ts';

/** `ssh -A`: a socket in the workspace behind which the ssh-agent of the person answers. Answers its path. */
export const serveAgentSocket = (client: Connection, scope: Scope): string => {
  // Only the owner of the folder gets at what is in it.
  const folder = mkdtempSync(joinPath(tmpdir(), 'berth-ssh-'));
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
