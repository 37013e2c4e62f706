import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Log } from '../../base/log.ts';
import type { Problem } from '../../contracts/errors/problem.ts';
import { toProblem } from '../../core/errors.ts';
import type { ApiHandler } from '../../functions/api/api.ts';
import { openApiDocument } from '../../functions/api/openapi.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { serveStrictly } from '../../gateway/http/http-server.ts';
import type { createSignIn } from '../sign-in/provider.ts';
import { limitBody } from './body-limit.ts';
import { sendResult, toEvent } from './http-event.ts';
import { pendingWork } from './pending-work.ts';
import { servePortal } from './portal.ts';

interface HttpParts {
  origin: string;
  domain: string;
  api: ApiHandler;
  signIn: ReturnType<typeof createSignIn>;
  gateway: Gateway;
  portal: boolean;
  /** The timeout of the body of a request to Berth itself. Requests to apps and WebSockets have none. */
  bodyMs: number;
  log: Log;
}

interface HttpService {
  /** Stops accepting requests, and resolves when Berth's own responses are sent. Apps and WebSockets stay open. */
  close: () => Promise<void>;
}

/** Serves everything on one port: apps by host; on Berth's own host the API, sign-in, gateway and portal by path. */
export const serveHttp = (server: Server, parts: HttpParts): HttpService => {
  const portal = parts.portal ? servePortal(parts.origin, parts.domain) : undefined;
  const openApi = JSON.stringify(openApiDocument(parts.origin));
  const responses = pendingWork();
  const arriving = new Set<IncomingMessage>();
  let closed = false;

  const serveOwn = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (path === '/openapi.json') return send(response, 200, openApi);
    if (path === '/api' || path.startsWith('/api/'))
      return sendResult(request, response, await parts.api(await toEvent(request)));
    if (await parts.signIn.request(request, response)) return;
    if (portal !== undefined) return portal(request, response, () => notFound(response));
    notFound(response);
  };

  const failed = (request: IncomingMessage, response: ServerResponse, error: unknown) => {
    // An error is not a fault of the server if the request was aborted before its body was complete.
    if (request.destroyed && !request.complete) return void response.destroy();
    parts.log('error', 'a request failed', { path: request.url?.split('?', 1)[0], error });
    if (response.headersSent) response.destroy();
    else problem(response, toProblem(error));
  };

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (closed) return shuttingDown(response);
    if (parts.gateway.handles(request)) return parts.gateway.request(request, response);
    limitBody(request, response, parts.bodyMs, (to, error) => problem(to, toProblem(error)));
    if (!isOwnHost(request.headers.host, parts.domain)) return misdirected(response, parts.origin);
    arriving.add(request);
    request.once('close', () => arriving.delete(request));
    responses.follow(serveOwn(request, response)).catch((error: unknown) => failed(request, response, error));
  };

  serveStrictly(server, {
    request: handle,
    upgrade: (request, socket, head) => {
      if (closed || !parts.gateway.upgrade(request, socket, head))
        socket.end(`HTTP/1.1 ${closed ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
    },
  });

  return {
    close: async () => {
      closed = true;
      server.close();
      for (const request of arriving) if (!request.complete) request.destroy();
      await responses.settled();
    },
  };
};

/** Prevents DNS rebinding, where another site's name resolves to this machine. Agents connect to the IP address. */
const isOwnHost = (host: string | undefined, domain: string): boolean =>
  host === domain || host === domain.replace('localhost', '127.0.0.1');

const misdirected = (response: ServerResponse, origin: string) =>
  plainProblem(response, 421, 'Misdirected request', `Berth is at ${origin}. Use that address.`);

const notFound = (response: ServerResponse) => plainProblem(response, 404, 'Not found', 'There is no such page.');

const shuttingDown = (response: ServerResponse) => {
  response.setHeader('connection', 'close');
  plainProblem(response, 503, 'Stopping', 'Berth is shutting down. Try again after it has restarted.');
};

/** A problem response that only the local server sends. */
const plainProblem = (response: ServerResponse, status: number, title: string, detail: string) =>
  problem(response, { type: 'about:blank', title, status, detail });

const problem = (response: ServerResponse, body: Problem) =>
  send(response, body.status, JSON.stringify(body), 'application/problem+json');

const send = (response: ServerResponse, status: number, body: string, type = 'application/json') => {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(body);
};
