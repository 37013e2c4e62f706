import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BerthError, toProblem } from '../core/errors.ts';
import type { ReplicaRules } from '../core/gateway.ts';
import { closeIfUnread } from './body.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { createHttpServer, serveSound } from './http-server.ts';
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
  /** The region that this one stands in, where there may be several. */
  replicaRegion?: string;
  /** How long what is open is left so when the service is to end. */
  drainMs: number;
  /** How long the head of a request may take; 20 s. */
  headersWithinMs?: number;
  /** What to listen on; by default all addresses. */
  listenHost?: string;
}

export interface Service {
  /** This replica's id. */
  id: string;
  port: number;
  gateway: Gateway;
  /** Sends agents elsewhere and takes no more; what is open stays. To be followed by `drain`, sooner or later. */
  leave(): void;
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
  serveSound(server, {
    request: (request, response) => {
      if (gateway.handles(request)) gateway.request(request, response);
      else own(request, response);
    },
    upgrade: (request, socket, head) => {
      if (gateway.upgrade(request, socket, head)) return;
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n', () => socket.destroy());
    },
  });
};

/** One replica of the gateway: a port for the load balancer, one for its peers, and its place in the table. */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const { log, replicas, listenHost, replicaRegion: region } = options;
  const id = randomUUID();
  const gateway = createGateway({ ...options, replicas: { rules: replicas, self: id } });
  const server = createHttpServer({
    keepAliveMs,
    ...(options.headersWithinMs === undefined ? {} : { headersWithinMs: options.headersWithinMs }),
  });
  let isServing = true;
  serve(server, gateway, () => isServing);
  const peerPort = await gateway.peerServer?.listen(options.peerPort, listenHost);
  // Before any agent comes: where it is must lead somewhere.
  const address = `${options.replicaHost}:${peerPort}`;
  const endLease = await keepLease(replicas, { id, address, ...(region === undefined ? {} : { region }) }, log);
  const port = await listen(server, options.port, listenHost);
  log('info', 'the gateway serves', { replica: id, region, port, peerPort });

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
  const leave = () => {
    isServing = false;
    log('info', 'the gateway drains', { replica: id, agents: gateway.connected().length });
    gateway.leave();
  };
  const drain = async () => {
    leave();
    await gateway.drain(options.drainMs);
    await close();
  };
  return { id, port, gateway, leave, drain, close };
};
