import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReverseProxy {
  port: number;
  close(): void;
}

/**
 * Makes Berth available under another name, like a load balancer: requests and upgrades are forwarded with Berth's own
 * `Host`.
 * `upgrade` may respond to an upgrade itself; then it returns `true`.
 */
export const givenReverseProxy = async (
  url: string,
  upgrade: (client: Socket) => boolean = () => false,
): Promise<ReverseProxy> => {
  const real = new URL(url);
  const forward = ({ method, url: path, headers }: IncomingMessage) =>
    request(real, { method, path, headers: { ...headers, host: real.host } });
  const server = createServer((incoming, outgoing) => {
    incoming.pipe(forward(incoming)).on('response', (response) => {
      response.pipe(outgoing.writeHead(response.statusCode ?? 0, response.headers));
    });
  });
  server.on('upgrade', (incoming: IncomingMessage, client: Socket) => {
    // A client that leaves in the middle of a response is no error.
    client.on('error', () => client.destroy());
    if (upgrade(client)) return;
    const upstream = forward(incoming).end();
    upstream.on('error', () => client.destroy());
    upstream.on('response', (response) => {
      const pairs = response.rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('');
      client.write(`HTTP/1.1 ${response.statusCode} Refused\r\n${pairs}\r\n`);
      response.pipe(client);
    });
    upstream.on('upgrade', ({ rawHeaders }, server: Socket, first: Buffer) => {
      const pairs = rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('');
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${pairs}\r\n`);
      client.write(first);
      server.on('error', () => client.destroy());
      client.on('close', () => server.destroy());
      server.pipe(client).pipe(server);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
};
