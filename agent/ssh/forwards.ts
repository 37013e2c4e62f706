import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type {
  AcceptConnection,
  Connection,
  RejectConnection,
  ServerChannel,
  SocketBindInfo,
  TcpipBindInfo,
} from 'ssh2';
import { connectToTarget } from '../apps/target.ts';
import type { ActivityMeter } from '../common/activity.ts';
import { log } from '../common/log.ts';
import { messageOf } from '../common/message.ts';
import type { CleanupScope } from './cleanup-scope.ts';
import { joinSocket } from './join-socket.ts';

interface ForwardContext {
  home: string;
  scope: CleanupScope;
  activity: ActivityMeter;
}

type ChannelOpened = (error: Error | undefined, channel: ServerChannel) => void;
type RequestReply = ((port?: number) => void) | undefined;

const loopback = new Set(['localhost', '127.0.0.1', '::1']);

/** Connects for `-L` and `-D`: to the workspace's loopback or any host that the workspace can reach. */
const dial = (host: string, port: number): Socket =>
  loopback.has(host) ? connectToTarget({ port }) : connect({ host, port, allowHalfOpen: true });

const joinOnceConnected = (
  socket: Socket,
  accept: AcceptConnection<ServerChannel>,
  reject: RejectConnection,
  { scope, activity }: ForwardContext,
  to: string,
): void => {
  const forget = scope.add(() => socket.destroy());
  socket.once('error', () => reject());
  socket.once('connect', () => {
    forget();
    socket.removeAllListeners('error');
    joinSocket(accept(), socket, scope, (bytes) => activity.recordMessage(to, bytes));
  });
};

/**
 * The path of a Unix socket for `-R`. An existing socket is replaced, like sshd does with `StreamLocalBindUnlink yes`,
 * because gpg-agent and editors leave stale ones behind. Other files are not replaced.
 */
class ForwardedSocketPath {
  readonly #path: string;
  /**
   * The server is bound here and then renamed: when it closes, Node unlinks the path that it was bound to, which must
   * not be one that a newer socket has taken.
   */
  readonly temporaryPath: string;
  #inode: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.temporaryPath = `${path}.${Math.random().toString(36).slice(2, 6)}`;
  }

  get isOccupied(): boolean {
    const found = lstatSync(this.#path, { throwIfNoEntry: false });
    return found !== undefined && !found.isSocket();
  }

  claim(): void {
    // Accessible to this user only, as with sshd.
    chmodSync(this.temporaryPath, 0o600);
    this.#inode = lstatSync(this.temporaryPath).ino;
    renameSync(this.temporaryPath, this.#path);
  }

  remove(): void {
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) rmSync(this.#path, { force: true });
  }
}

/** Refuses a request whose handling throws: an uncaught exception would end the agent, and the workspace with it. */
const refuseOnError = (reject: (() => void) | undefined, work: () => void): void => {
  try {
    work();
  } catch (thrown) {
    log(`a forwarding over SSH was refused: ${messageOf(thrown)}`);
    reject?.();
  }
};

/** Listeners in the workspace for `-R`, by the names that the client uses. */
class RemoteForwards {
  readonly #servers = new Map<string, { end: () => void; forget: () => void }>();
  readonly #context: ForwardContext;

  constructor(context: ForwardContext) {
    this.#context = context;
  }

  /** Listens and opens a channel for each connection. Calls `accept` once it listens, else `reject`. */
  listen(
    at: { host: string; port: number } | { path: string },
    open: (port: number, from: Socket, opened: ChannelOpened) => void,
    nameOf: (port: number) => string,
    accept: RequestReply,
    reject: RequestReply,
  ): void {
    const { scope } = this.#context;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const port = () => ('path' in at ? 0 : (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      socket.on('error', () => socket.destroy());
      open(port(), socket, (error, channel) => {
        if (error) return void socket.destroy();
        joinSocket(channel, socket, scope);
        socket.resume();
      });
    });
    server.once('error', () => reject?.());
    const socketPath = 'path' in at ? new ForwardedSocketPath(at.path) : undefined;
    if (socketPath?.isOccupied) {
      reject?.();
      return;
    }
    const refuse = () => {
      server.close();
      reject?.();
    };
    const listening = () => {
      socketPath?.claim();
      const bound = port();
      const end = () => {
        server.close();
        refuseOnError(undefined, () => socketPath?.remove());
      };
      // Calls `end` immediately if the client is gone already, because nothing else would close it.
      const forget = scope.add(end);
      this.#servers.set(nameOf(bound), { end, forget });
      accept?.(bound);
    };
    server.listen(socketPath === undefined ? at : { path: socketPath.temporaryPath }, () =>
      refuseOnError(refuse, listening),
    );
  }

  close(name: string, accept: RequestReply, reject: RequestReply): void {
    const found = this.#servers.get(name);
    if (found === undefined) {
      reject?.();
      return;
    }
    this.#servers.delete(name);
    found.forget();
    found.end();
    accept?.();
  }
}

/** Serves `-L`, `-D` and `-R` for ports and Unix sockets. */
export const serveForwards = (client: Connection, context: ForwardContext): void => {
  const { home } = context;
  const listeners = new RemoteForwards(context);
  client.on('tcpip', (accept, reject, { destIP, destPort }) =>
    refuseOnError(reject, () =>
      joinOnceConnected(dial(destIP, destPort), accept, reject, context, `${destIP} ${destPort}`),
    ),
  );
  client.on('openssh.streamlocal', (accept, reject, { socketPath }) =>
    refuseOnError(reject, () => {
      const socket = connect({ path: resolve(home, socketPath), allowHalfOpen: true });
      joinOnceConnected(socket, accept, reject, context, socketPath);
    }),
  );
  const unix = (accept: RequestReply, reject: RequestReply, { socketPath }: SocketBindInfo) => {
    const open = (_port: number, _from: Socket, opened: ChannelOpened) =>
      client.openssh_forwardOutStreamLocal(socketPath, opened);
    listeners.listen({ path: resolve(home, socketPath) }, open, () => socketPath, accept, reject);
  };
  // Binds to the loopback whatever address was requested: access from the network is granted by the gateway only.
  const tcp = (accept: RequestReply, reject: RequestReply, { bindAddr, bindPort }: TcpipBindInfo) => {
    const open = (port: number, { remoteAddress, remotePort }: Socket, opened: ChannelOpened) =>
      client.forwardOut(bindAddr, port, remoteAddress ?? '127.0.0.1', remotePort ?? 0, opened);
    listeners.listen({ host: '127.0.0.1', port: bindPort }, open, (port) => `${bindAddr}:${port}`, accept, reject);
  };
  client.on(
    'request',
    (accept: RequestReply, reject: RequestReply, name: string, info: SocketBindInfo | TcpipBindInfo) => {
      const forwardName = 'socketPath' in info ? info.socketPath : `${info.bindAddr}:${info.bindPort}`;
      refuseOnError(reject, () => {
        if (name.startsWith('cancel-')) listeners.close(forwardName, accept, reject);
        else if ('socketPath' in info) unix(accept, reject, info);
        else tcp(accept, reject, info);
      });
    },
  );
};
