import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BerthError, toProblem } from '../core/errors.ts';
import type { ReplicaRules } from '../core/gateway.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { closeIfBodyUnread } from './http/body.ts';
import { createHttpServer, serveStrictly } from './http/http-server.ts';
import { sendProblem } from './http/problems.ts';
import { keepLease } from './peers/lease.ts';

/**
 * Longer than the longest idle timeout of a load balancer (4,000 s), so that the gateway never closes a connection on
 * which the load balancer is sending a request.
 */
const keepAliveMs = 4_100_000;

interface ServiceOptions extends Omit<GatewayOptions, 'replicas'> {
  replicas: ReplicaRules;
  /** 0 chooses any free port. */
  port: number;
  peerPort: number;
  /** The host at which other replicas reach this one. */
  replicaHost: string;
  /** This replica's region, if there may be several. */
  replicaRegion?: string;
  /** How long `drain` waits for open connections to be closed. */
  drainMs: number;
  /** How long the headers of a request may take; default 20 s. */
  headersTimeoutMs?: number;
  /** The address to listen on; by default all. */
  listenHost?: string;
}

export interface Service {
  /** This replica's id. */
  id: string;
  port: number;
  gateway: Gateway;
  /** Asks agents to connect to other replicas and accepts no more. Open connections stay. Call `drain` afterwards. */
  leave(): void;
  /** Does the same as `leave`, waits for people to close their connections, then ends. */
  drain(): Promise<void>;
  /** Ends without waiting. */
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
      closeIfBodyUnread(response);
      response.writeHead(isServing() ? 200 : 503, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
      return response.end(isServing() ? 'serving' : 'draining');
    }
    sendProblem(
      response,
      toProblem(new BerthError('not_found', 'The gateway has nothing at this address. Check the address.')),
    );
  };
  serveStrictly(server, {
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

/**
 * Starts one replica of the gateway: a port for the load balancer, a port for its peers, and its lease in the table.
 */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const { log, replicas, listenHost, replicaRegion: region } = options;
  const id = randomUUID();
  const gateway = createGateway({ ...options, replicas: { rules: replicas, self: id } });
  const server = createHttpServer({
    keepAliveMs,
    ...(options.headersTimeoutMs === undefined ? {} : { headersTimeoutMs: options.headersTimeoutMs }),
  });
  let isServing = true;
  serve(server, gateway, () => isServing);
  const peerPort = await gateway.peerServer?.listen(options.peerPort, listenHost);
  // Before the first agent connects, so that other replicas can resolve its location.
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
