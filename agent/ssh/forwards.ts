import { chmodSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type {
  AcceptConnection,
  Connection,
  RejectConnection,
  ServerChannel,
  SocketBindInfo,
  TcpipBindInfo,
} from 'ssh2';
import { connectTo } from '../target.ts';
import { join } from './join.ts';
import type { Scope } from './scope.ts';

interface Around {
  home: string;
  scope: Scope;
  input: () => void;
}

type Opened = (error: Error | undefined, channel: ServerChannel) => void;
type Answer = ((port?: number) => void) | undefined;

const loopback = new Set(['localhost', '127.0.0.1', '::1']);

/** `-L` and `-D`: the workspace's loopback, and whatever else it reaches. */
const dial = (host: string, port: number): Socket =>
  loopback.has(host) ? connectTo({ port }) : connect({ host, port, allowHalfOpen: true });

const joinWhenConnected = (
  socket: Socket,
  accept: AcceptConnection<ServerChannel>,
  reject: RejectConnection,
  { scope, input }: Around,
): void => {
  const forget = scope.add(() => socket.destroy());
  socket.once('error', () => reject());
  socket.once('connect', () => {
    forget();
    socket.removeAllListeners('error');
    join(accept(), socket, scope, input);
  });
};

/** Listeners in the workspace (`-R`), by what the client calls them. */
class Listeners {
  readonly #servers = new Map<string, { server: Server; forget: () => void }>();
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  /** Takes connections and opens a channel for each; `listening` or the refusal follows. */
  listen(
    at: { host: string; port: number } | { path: string },
    open: (port: number, from: Socket, opened: Opened) => void,
    nameOf: (port: number) => string,
    accept: Answer,
    reject: Answer,
  ): void {
    const { scope, input } = this.#around;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const port = () => ('path' in at ? 0 : (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      socket.on('error', () => socket.destroy());
      open(port(), socket, (error, channel) => {
        if (error) return void socket.destroy();
        join(channel, socket, scope, input);
        socket.resume();
      });
    });
    server.once('error', () => reject?.());
    server.listen(at, () => {
      // The person's alone, as an sshd leaves it.
      if ('path' in at) chmodSync(at.path, 0o600);
      const bound = port();
      // At once where the client has gone by now: nobody else would ever close it.
      const forget = scope.add(() => server.close());
      this.#servers.set(nameOf(bound), { server, forget });
      accept?.(bound);
    });
  }

  close(name: string, accept: Answer, reject: Answer): void {
    const found = this.#servers.get(name);
    if (found === undefined) {
      reject?.();
      return;
    }
    this.#servers.delete(name);
    found.forget();
    found.server.close();
    accept?.();
  }
}

/** Serves `-L`, `-D` and `-R`, of ports and of Unix sockets. */
export const serveForwards = (client: Connection, around: Around): void => {
  const { home } = around;
  const listeners = new Listeners(around);
  client.on('tcpip', (accept, reject, { destIP, destPort }) =>
    joinWhenConnected(dial(destIP, destPort), accept, reject, around),
  );
  client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
    const socket = connect({ path: resolve(home, socketPath), allowHalfOpen: true });
    joinWhenConnected(socket, accept, reject, around);
  });
  const unix = (accept: Answer, reject: Answer, { socketPath }: SocketBindInfo) => {
    const open = (_port: number, _from: Socket, opened: Opened) =>
      client.openssh_forwardOutStreamLocal(socketPath, opened);
    listeners.listen({ path: resolve(home, socketPath) }, open, () => socketPath, accept, reject);
  };
  // Whatever address was asked for: what others in the network may reach is the gateway's to decide.
  const tcp = (accept: Answer, reject: Answer, { bindAddr, bindPort }: TcpipBindInfo) => {
    const open = (port: number, { remoteAddress, remotePort }: Socket, opened: Opened) =>
      client.forwardOut(bindAddr, port, remoteAddress ?? '127.0.0.1', remotePort ?? 0, opened);
    listeners.listen({ host: '127.0.0.1', port: bindPort }, open, (port) => `${bindAddr}:${port}`, accept, reject);
  };
  client.on('request', (accept: Answer, reject: Answer, name: string, info: SocketBindInfo | TcpipBindInfo) => {
    const known = 'socketPath' in info ? info.socketPath : `${info.bindAddr}:${info.bindPort}`;
    if (name.startsWith('cancel-')) listeners.close(known, accept, reject);
    else if ('socketPath' in info) unix(accept, reject, info);
    else tcp(accept, reject, info);
  });
};
