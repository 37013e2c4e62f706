import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AppFailure, appFailureOf, largestResponseHead } from '../../contracts/errors/app-failures.ts';
import { activityScriptFor, appendScript } from './activity-script.ts';
import type { AppHttpAgent } from './connection-pools.ts';
import { type ResponseHead, responseHead } from './response-head.ts';
import { forwardTrailers } from './trailers.ts';

/**
 * Limit of interim responses (100, 103) to one request. Each costs as much as a request, and an app could send
 * millions.
 */
const maxInterimResponses = 64;

/** An error as Node's parser throws it for a violation of the protocol. */
const protocolError = (message: string) => Object.assign(new Error(message), { code: 'HPE_UNEXPECTED' });

/** The connection to an app failed before its response arrived, or what the app sent is not HTTP. */
export class AppConnectionError extends Error {
  override readonly name = 'AppConnectionError';
  readonly failure: AppFailure | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.failure = appFailureOf(cause);
  }
}

const openRequest = (
  { method, url }: Pick<IncomingMessage, 'method' | 'url'>,
  headers: OutgoingHttpHeaders,
  options: RequestOptions,
): ClientRequest => {
  const upstream = httpRequest({
    // Never resolved: the connection leads to the app already.
    host: 'app.invalid',
    method,
    path: url,
    headers,
    maxHeaderSize: largestResponseHead,
    ...options,
  });
  let interimResponses = 0;
  upstream.on('information', () => {
    interimResponses += 1;
    if (interimResponses > maxInterimResponses) upstream.destroy(protocolError('the app sent only interim responses'));
  });
  return upstream;
};

/** A response, or the bytes that followed a switch of protocols. */
interface Received {
  appResponse: IncomingMessage;
  upgradeHead?: Buffer;
}

const receive = (upstream: ClientRequest): Promise<Received> =>
  new Promise((resolve, reject) => {
    upstream.once('response', (appResponse) => resolve({ appResponse }));
    upstream.once('upgrade', (appResponse, _, upgradeHead) => resolve({ appResponse, upgradeHead }));
    // Stays after the promise has settled: an error without a listener would end the process. Without a socket the
    // connection was never opened, and the error is the one that opening it threw.
    upstream.on('error', (error) => reject(upstream.socket === null ? error : new AppConnectionError(error)));
  });

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined;

/**
 * Whether a failed request may be repeated. An app may close a kept-alive connection while the next request is on its
 * way to it. Clients repeat such a request if it is safe (RFC 9110, section 9.2.2), so the gateway does, too.
 */
const mayRetry = (upstream: ClientRequest, request: IncomingMessage, response: ServerResponse, thrown: unknown) =>
  upstream.reusedSocket &&
  thrown instanceof AppConnectionError &&
  thrown.failure === 'hung_up' &&
  safeMethods.has(request.method ?? '') &&
  !hasBody(request) &&
  !response.destroyed;

/**
 * Discards the rest of a request's body when the app's response is complete, because an app that does not
 * read the rest would otherwise keep the browser from finishing its upload.
 */
const discardUnreadBody = (request: IncomingMessage, upstream: ClientRequest): void => {
  if (upstream.writableFinished) return;
  request.unpipe(upstream);
  request.resume();
  upstream.destroy();
};

/** Sends a request with its body; returns the app's response. */
const sendRequest = async (
  request: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  agent: AppHttpAgent,
): Promise<IncomingMessage> => {
  const upstream = openRequest(request, headers, { agent });
  // The browser left. Without effect once the app's response is complete.
  response.once('close', () => upstream.destroy());
  forwardTrailers(request, upstream);
  request.pipe(upstream);
  try {
    const { appResponse, upgradeHead } = await receive(upstream);
    if (upgradeHead !== undefined) {
      upstream.destroy();
      appResponse.socket.destroy();
      throw new AppConnectionError(protocolError('the app switched protocols without a request to do so'));
    }
    for (const event of ['end', 'close']) appResponse.once(event, () => discardUnreadBody(request, upstream));
    return appResponse;
  } catch (thrown) {
    if (!mayRetry(upstream, request, response, thrown)) throw thrown;
    return sendRequest(request, response, headers, agent.withoutConnections());
  }
};

const sendResponse = async (
  request: IncomingMessage,
  appResponse: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { status, message, headers } = responseHead(appResponse);
  const script = activityScriptFor(request, appResponse);
  forwardTrailers(appResponse, response);
  if (script === undefined) {
    response.writeHead(status, message, headers);
    return pipeline(appResponse, response);
  }
  const length = headers['content-length'];
  const added = length === undefined ? {} : { 'content-length': Number(length) + script.length };
  response.writeHead(status, message, { ...headers, ...added });
  return pipeline(appResponse, appendScript(script), response);
};

/**
 * Forwards a request to an app and its response to the browser, both as streams. Throws when the app fails to respond.
 */
export const forwardRequest = async (
  request: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  agent: AppHttpAgent,
): Promise<void> => {
  const appResponse = await sendRequest(request, response, headers, agent);
  await sendResponse(request, appResponse, response);
};

const headText = ({ status, message, headers }: ResponseHead): string => {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}`),
  );
  return [`HTTP/1.1 ${status} ${message}`, ...fields, '', ''].join('\r\n');
};

/** Closes each of the two when the other one closes. */
const coupleLifetimes = (socket: Socket, stream: Duplex): void => {
  socket.once('close', () => stream.destroy());
  // `destroySoon` first sends what was written already.
  stream.once('close', () => socket.destroySoon());
  // The end of the stream is what counts, but an error without a listener would end the process.
  stream.on('error', () => undefined);
};

interface UpgradeOptions {
  /** The path to request, if it is not the client's. */
  path?: string;
  headers: OutgoingHttpHeaders;
  /** Chooses the headers of the response that the browser receives, besides those of the connection itself. */
  responseHeaders?: (head: ResponseHead) => OutgoingHttpHeaders;
}

/** Forwards an upgrade on an open stream, and joins the two connections if the other end accepts it. */
export const forwardUpgrade = async (
  request: IncomingMessage,
  clientSocket: Duplex,
  head: Buffer,
  stream: Duplex,
  { path = request.url, headers, responseHeaders = (sent) => sent.headers }: UpgradeOptions,
): Promise<void> => {
  // What node:http hands to its listeners for upgrades is a net.Socket, whatever its types say.
  const socket = clientSocket as Socket;
  coupleLifetimes(socket, stream);
  socket.setNoDelay(true).setKeepAlive(true);
  if (head.length > 0) socket.unshift(head);
  const upstream = openRequest({ method: request.method, url: path }, headers, { createConnection: () => stream });
  upstream.end();
  const { appResponse, upgradeHead } = await receive(upstream);
  const sent = responseHead(appResponse);
  const chosen = responseHeaders(sent);
  if (upgradeHead === undefined) {
    // Without a length the body ends with the connection (RFC 9112, section 6.3).
    socket.write(headText({ ...sent, headers: { ...chosen, connection: 'close' } }), 'latin1');
    appResponse.pipe(socket);
    return;
  }
  const { upgrade } = appResponse.headers;
  socket.write(headText({ ...sent, headers: { ...chosen, upgrade, connection: 'Upgrade' } }), 'latin1');
  if (upgradeHead.length > 0) stream.unshift(upgradeHead);
  stream.pipe(socket).pipe(stream);
};
