import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { BerthError, toProblem } from '../../core/errors.ts';
import { refuseUpgrade, sendProblem } from './problems.ts';

/** Enough for the cookies and tokens of many apps. */
const maxHeaderBytes = 32 * 1024;
const defaultHeadersTimeoutMs = 20_000;
/** Limit of pipelined requests on one connection, each of which waits in memory. Browsers do not pipeline. */
const maxPipelined = 64;

interface Options {
  keepAliveMs?: number;
  /** How long a connection may take to send the headers of its next request. */
  headersTimeoutMs?: number;
}

/**
 * No other protocol: by an upgrade to HTTP/2 a client would reach the app with requests that the gateway does not see.
 */
const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** An HTTP server for untrusted clients: its parser is strict, and headers have a timeout. */
export const createHttpServer = ({ keepAliveMs, headersTimeoutMs = defaultHeadersTimeoutMs }: Options = {}): Server =>
  createServer({
    insecureHTTPParser: false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: headersTimeoutMs / 4,
    // Uploads to apps may take any time. Bodies that Berth reads itself have their own timeout.
    requestTimeout: 0,
    shouldUpgradeCallback: isWebSocket,
    ...(keepAliveMs === undefined ? {} : { keepAliveTimeout: keepAliveMs }),
  });

const invalid = (why: string) =>
  new BerthError('invalid_request', `The request is invalid: ${why}. Correct the client.`);

/** Refuses requests that are well formed, but that an app or a proxy could read as another request. */
const refusalOf = ({ method, url, headers, rawHeaders, httpVersion }: IncomingMessage): BerthError | undefined => {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const coding = headers['transfer-encoding'];
  if (hosts.length > 1) return invalid('it has two Host headers');
  if (url?.startsWith('/') !== true) return invalid('its target is not a path');
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1')) {
    return invalid('its transfer coding is not exactly "chunked"');
  }
  if (method === 'TRACE') return new BerthError('method_not_allowed', 'TRACE is not allowed. Use GET.');
  return undefined;
};

/** Counts how many requests of a connection wait for their responses. */
const pipelineCounter = () => {
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

/** Passes on requests and upgrades that can be read in only one way, and refuses all others. */
export const serveStrictly = (server: Server, { request, upgrade }: Handlers): void => {
  const countPipelined = pipelineCounter();
  const refused = new WeakSet<Duplex>();
  server.on('request', (incoming, response) => {
    const { socket } = incoming;
    if (countPipelined(incoming, response) > maxPipelined) return void socket.destroy();
    // What follows a refused request was parsed already, but may be a part of its body.
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
