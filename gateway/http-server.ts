import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { BerthError, toProblem } from '../core/errors.ts';
import { refuseUpgrade, sendProblem } from './problems.ts';

/** Room for cookies and tokens of many apps, and far from what a hundred thousand headers take. */
const mostHeaderBytes = 32 * 1024;
const usualHeadersMs = 20_000;
/** Requests that one connection sends ahead of their answers. Browsers send one; each waits in memory. */
const mostAhead = 64;

interface Options {
  keepAliveMs?: number;
  /** How long a connection may take to say what it wants, from its beginning or from the last answer on. */
  headersWithinMs?: number;
}

/** Other protocols are for two neighbours to agree on: a client would speak past us to the app in HTTP/2, unread. */
const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** A server for strangers: what is no sound HTTP/1.1 its parser refuses, and it waits for nobody for ever. */
export const createHttpServer = ({ keepAliveMs, headersWithinMs = usualHeadersMs }: Options = {}): Server =>
  createServer({
    insecureHTTPParser: false,
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: headersWithinMs,
    connectionsCheckingInterval: headersWithinMs / 4,
    // Uploads take as long as they like; what Berth reads itself has a time of its own.
    requestTimeout: 0,
    shouldUpgradeCallback: isWebSocket,
    ...(keepAliveMs === undefined ? {} : { keepAliveTimeout: keepAliveMs }),
  });

const invalid = (why: string) =>
  new BerthError('invalid_request', `The request cannot be answered: ${why}. Mend the client.`);

/** What is well formed, but could be understood by an app or a proxy as a request to somebody else. */
const refusalOf = ({ method, url, headers, rawHeaders, httpVersion }: IncomingMessage): BerthError | undefined => {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const coding = headers['transfer-encoding'];
  if (hosts.length > 1) return invalid('it names two hosts');
  if (url?.startsWith('/') !== true) return invalid('it asks for something else than a path of its host');
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1')) {
    return invalid('its body is not simply chunked');
  }
  if (method === 'TRACE') return new BerthError('method_not_allowed', 'TRACE is not answered here. Use GET.');
  return undefined;
};

/** Follows how many requests of a connection wait for their answers. */
const aheadOf = () => {
  const waiting = new WeakMap<Duplex, number>();
  return ({ socket }: IncomingMessage, response: ServerResponse): number => {
    const change = (by: number) => {
      const count = (waiting.get(socket) ?? 0) + by;
      waiting.set(socket, count);
      return count;
    };
    response.once('close', () => change(-1));
    return change(1);
  };
};

interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Hands on what can be understood in one way only. */
export const serveSound = (server: Server, { request, upgrade }: Handlers): void => {
  const ahead = aheadOf();
  const refused = new WeakSet<Duplex>();
  server.on('request', (incoming, response) => {
    const { socket } = incoming;
    if (ahead(incoming, response) > mostAhead) return void socket.destroy();
    // What stands behind a refused request is already read, and may be no request at all but a part of it.
    if (refused.has(socket)) return;
    const refusal = refusalOf(incoming);
    if (refusal === undefined) return request(incoming, response);
    refused.add(socket);
    response.setHeader('connection', 'close');
    sendProblem(response, toProblem(refusal));
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (refused.has(socket)) return void socket.destroy();
    const refusal = refusalOf(incoming);
    if (refusal === undefined) upgrade(incoming, socket, head);
    else refuseUpgrade(socket, refusal);
  });
};
