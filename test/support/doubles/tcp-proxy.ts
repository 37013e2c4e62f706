import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy to a port of this machine that can be cut or silenced; `onData` receives the bytes of the far end. */
export const openTcpProxy = async (to: number, onData?: (chunk: Buffer) => void) => {
  const pairs = new Set<[Socket, Socket]>();
  let opened = 0;
  let target = to;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    opened += 1;
    pairs.add(pair);
    if (onData !== undefined) far.on('data', onData);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const forEach = (act: (socket: Socket) => void) => {
    for (const socket of [...pairs].flat()) act(socket);
    pairs.clear();
  };
  const cut = () => forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    opened: () => opened,
    /** Leads new connections to another port, as when a load balancer chooses another replica. */
    leadTo: (port: number) => {
      target = port;
    },
    cut,
    /** Passes nothing on any more, without closing the connections. */
    silence: () => forEach((socket) => socket.unpipe().pause()),
    close: () => {
      cut();
      server.close();
    },
  };
};
