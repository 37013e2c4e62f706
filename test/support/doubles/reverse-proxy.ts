import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReverseProxy {
  port: number;
  close(): void;
}

/**
 * A Berth behind another name, as behind a load balancer: requests and upgrades are passed on with the `Host` that it knows
 * itself by. `upgrade` may answer one itself; then it returns `true`.
 */
export const givenReverseProxy = async (
  url: string,
  upgrade: (near: Socket) => boolean = () => false,
): Promise<ReverseProxy> => {
  const real = new URL(url);
  const forward = ({ method, url: path, headers }: IncomingMessage) =>
    request(real, { method, path, headers: { ...headers, host: real.host } });
  const server = createServer((asked, answer) => {
    asked.pipe(forward(asked)).on('response', (response) => {
      response.pipe(answer.writeHead(response.statusCode ?? 0, response.headers));
    });
  });
  server.on('upgrade', (asked: IncomingMessage, near: Socket) => {
    // Who leaves in the middle of an answer is no error of the test's.
    near.on('error', () => near.destroy());
    if (upgrade(near)) return;
    const further = forward(asked).end();
    further.on('error', () => near.destroy());
    further.on('response', (response) => {
      const pairs = response.rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('');
      near.write(`HTTP/1.1 ${response.statusCode} Refused\r\n${pairs}\r\n`);
      response.pipe(near);
    });
    further.on('upgrade', ({ rawHeaders }, far: Socket, first: Buffer) => {
      const pairs = rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('');
      near.write(`HTTP/1.1 101 Switching Protocols\r\n${pairs}\r\n`);
      near.write(first);
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      far.pipe(near).pipe(far);
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
