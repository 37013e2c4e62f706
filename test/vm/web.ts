import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Image, names } from './image.ts';

/**
 * What the machines reach over https, at a Unix socket: by the name of the gateway the gateway, by the portal's name the
 * agent's archive. While `isAway`, every connection is cut off before a byte came back.
 */
export const startWeb = async (socket: string, { tls }: Image, archive: string) => {
  const seen = { isAway: false, refused: 0, fetched: 0, gatewayPort: 0 };
  const open = new Set<Socket>();
  const portal = createServer((_, response) => {
    seen.fetched += 1;
    createReadStream(archive).pipe(response);
  });
  portal.listen(0, '127.0.0.1');
  await once(portal, 'listening');
  const ports = () => ({ [names.gateway]: seen.gatewayPort, [names.portal]: (portal.address() as AddressInfo).port });

  const server = createTlsServer(tls, (incoming: TLSSocket) => {
    const outgoing = connect(ports()[String(incoming.servername)] ?? 0, '127.0.0.1');
    // Whoever ends a connection ends it for both.
    const ended = () => undefined;
    pipeline(incoming, outgoing, ended);
    pipeline(outgoing, incoming, ended);
  });
  server.on('connection', (incoming: Socket) => {
    open.add(incoming.once('close', () => open.delete(incoming)));
    if (!seen.isAway) return;
    seen.refused += 1;
    incoming.destroy();
  });
  // A machine that is ended says no goodbye.
  server.on('tlsClientError', () => undefined);
  server.listen(socket);
  await once(server, 'listening');
  const close = () => {
    for (const one of open) one.destroy();
    server.close();
    portal.closeAllConnections();
    portal.close();
  };
  return { seen, close };
};
