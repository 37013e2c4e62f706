import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BerthError, toProblem } from '../core/errors.ts';
import type { ReplicaRules } from '../core/gateway.ts';
import { closeIfUnread } from './body.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { keepLease } from './lease.ts';
import { sendProblem } from './problems.ts';

/** Above the longest idle timeout a load balancer can have (4,000 s): it, not we, closes a connection it might be using. */
const keepAliveMs = 4_100_000;

export interface ServiceOptions extends Omit<GatewayOptions, 'replicas'> {
  replicas: ReplicaRules;
  /** 0 takes any free port. */
  port: number;
  peerPort: number;
  /** Where other replicas reach this one. */
  replicaHost: string;
  /** How long what is open is left so when the service is to end. */
  drainMs: number;
  /** What to listen on; by default all addresses. */
  listenHost?: string;
}

export interface Service {
  /** This replica's id. */
  id: string;
  port: number;
  gateway: Gateway;
  /** Sends agents elsewhere, leaves people a while to end what they do, then ends. */
  drain(): Promise<void>;
  /** Ends at once. */
  close(): Promise<void>;
}

const listen = (server: Server, port: number, host?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

const serve = (server: Server, gateway: Gateway, isServing: () => boolean): void => {
  const own = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'GET' && request.url === '/healthz') {
      closeIfUnread(response);
      response.writeHead(isServing() ? 200 : 503, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
      return response.end(isServing() ? 'serving' : 'draining');
    }
    sendProblem(response, toProblem(new BerthError('not_found', 'There is nothing at this address of the gateway.')));
  };
  server.on('request', (request, response) => {
    if (gateway.handles(request)) gateway.request(request, response);
    else own(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (gateway.upgrade(request, socket, head)) return;
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n', () => socket.destroy());
  });
};

/** One replica of the gateway: a port for the load balancer, one for its peers, and its place in the table. */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const { log, replicas, listenHost } = options;
  const id = randomUUID();
  const gateway = createGateway({ ...options, replicas: { rules: replicas, self: id } });
  const server = createServer({
    maxHeaderSize: 32 * 1024,
    headersTimeout: 20_000,
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
  });
  let isServing = true;
  serve(server, gateway, () => isServing);
  const peerPort = await gateway.peerServer?.listen(options.peerPort, listenHost);
  // Before any agent comes: where it is must lead somewhere.
  const endLease = await keepLease(replicas, { id, address: `${options.replicaHost}:${peerPort}` }, log);
  const port = await listen(server, options.port, listenHost);
  log('info', 'the gateway serves', { replica: id, port, peerPort });

  const close = async () => {
    isServing = false;
    await gateway.close();
    try {
      await endLease();
    } finally {
      server.close();
      server.closeAllConnections();
      log('info', 'the gateway has ended', { replica: id });
    }
  };
  const drain = async () => {
    isServing = false;
    log('info', 'the gateway drains', { replica: id, agents: gateway.connected().length });
    await gateway.drain(options.drainMs);
    await close();
  };
  return { id, port, gateway, drain, close };
};
