import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import type { Connection } from 'ssh2';
import { log } from '../common/log.ts';
import { messageOf } from '../common/message.ts';
import type { CleanupScope } from './cleanup-scope.ts';
import { joinSocket } from './join-socket.ts';
import { openAgentChannel } from './ssh2-internals.ts';

/**
 * One stable path for the forwarded ssh-agents of all sessions: a link to the socket of the newest open session that
 * forwards one. Programs that outlive their session, such as tmux or an editor's server, thus reach the keys of the
 * next session. Without such a session there is no link.
 */
class StablePath {
  /** Accessible to this user only. */
  readonly folder = mkdtempSync(joinPath(tmpdir(), 'berth-ssh-'));
  readonly path = joinPath(this.folder, 'agent');
  #sockets: string[] = [];
  #made = 0;

  constructor() {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A path for the socket of a new session. Throws when the folder cannot be used any more. */
  nextSocketPath(): string {
    this.#ensureFolder();
    this.#made += 1;
    return joinPath(this.folder, String(this.#made));
  }

  add(socket: string): void {
    this.#sockets.push(socket);
    this.#relink();
  }

  remove(socket: string): void {
    this.#sockets = this.#sockets.filter((other) => other !== socket);
    this.#relink();
  }

  /** Creates the folder again after a cleanup of temporary files, because running programs know its path. */
  #ensureFolder(): void {
    const found = lstatSync(this.folder, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(this.folder, { mode: 0o700 });
    else if (!found.isDirectory() || found.uid !== process.getuid?.())
      throw new Error(`${this.folder} no longer belongs to the agent`);
  }

  /** Replaces the link by a rename, so that the path always exists meanwhile. */
  #relink(): void {
    const last = this.#sockets.at(-1);
    if (last === undefined) {
      rmSync(this.path, { force: true });
      return;
    }
    const link = `${this.path}.new`;
    rmSync(link, { force: true });
    symlinkSync(last, link);
    renameSync(link, this.path);
  }
}

let stable: StablePath | undefined;

const logFailure = (thrown: unknown): void => log(`an ssh-agent could not be forwarded: ${messageOf(thrown)}`);

/**
 * Listens on the path and links it without waiting, because the client's next request starts the command that uses it.
 */
const listen = (stablePath: StablePath, socketPath: string, serve: (socket: Socket) => void): (() => void) => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const remove = () => {
    try {
      stablePath.remove(socketPath);
    } catch (thrown) {
      logFailure(thrown);
    }
  };
  server.on('connection', serve);
  server.on('error', (error) => {
    logFailure(error);
    remove();
  });
  server.listen(socketPath);
  stablePath.add(socketPath);
  return () => {
    remove();
    // Also removes the socket file.
    server.close();
  };
};

/**
 * Serves `ssh -A`: creates a socket in the workspace that is connected to the ssh-agent of the person. Returns the
 * stable path; `undefined` when the socket could not be created.
 */
export const serveAgentSocket = (client: Connection, scope: CleanupScope): string | undefined => {
  const serve = (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    openAgentChannel(client, (error, channel) => {
      if (error) return void socket.destroy();
      joinSocket(channel, socket, scope);
      socket.resume();
    });
  };
  try {
    stable ??= new StablePath();
    scope.add(listen(stable, stable.nextSocketPath(), serve));
    return stable.path;
  } catch (thrown) {
    logFailure(thrown);
    return undefined;
  }
};
