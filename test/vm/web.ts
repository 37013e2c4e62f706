import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Image, names } from './image.ts';

/**
 * Serves what VMs reach over https, on a Unix socket: the gateway by the gateway's host name, and the agent's archive
 * by the portal's. While `isDown`, every connection is closed before a byte is sent.
 */
export const startWeb = async (socket: string, { tls }: Image, archive: string) => {
  const state = { isDown: false, refused: 0, fetched: 0, gatewayPort: 0 };
  const open = new Set<Socket>();
  const portal = createServer((_, response) => {
    state.fetched += 1;
    createReadStream(archive).pipe(response);
  });
  portal.listen(0, '127.0.0.1');
  await once(portal, 'listening');
  const ports = () => ({ [names.gateway]: state.gatewayPort, [names.portal]: (portal.address() as AddressInfo).port });

  const server = createTlsServer(tls, (incoming: TLSSocket) => {
    const outgoing = connect(ports()[String(incoming.servername)] ?? 0, '127.0.0.1');
    // When either side ends the connection, the other side's is closed, too.
    const ended = () => undefined;
    pipeline(incoming, outgoing, ended);
    pipeline(outgoing, incoming, ended);
  });
  server.on('connection', (incoming: Socket) => {
    open.add(incoming.once('close', () => open.delete(incoming)));
    if (!state.isDown) return;
    state.refused += 1;
    incoming.destroy();
  });
  // A VM that is killed does not close its TLS connections.
  server.on('tlsClientError', () => undefined);
  server.listen(socket);
  await once(server, 'listening');
  const close = () => {
    for (const one of open) one.destroy();
    server.close();
    portal.closeAllConnections();
    portal.close();
  };
  return { state, close };
};
