import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can be cut or silenced; `onData` receives the bytes from the target. */
export const openTcpProxy = async (to: number, onData?: (chunk: Buffer) => void) => {
  const pairs = new Set<[Socket, Socket]>();
  let opened = 0;
  let target = to;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const pair: [Socket, Socket] = [client, upstream];
    opened += 1;
    pairs.add(pair);
    if (onData !== undefined) upstream.on('data', onData);
    for (const [one, other] of [pair, [upstream, client] as const]) {
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
    /** Sends new connections to another port, like a load balancer that chooses another replica. */
    setTarget: (port: number) => {
      target = port;
    },
    cut,
    /** Stops forwarding without closing the connections. */
    silence: () => forEach((socket) => socket.unpipe().pause()),
    close: () => {
      cut();
      server.close();
    },
  };
};
