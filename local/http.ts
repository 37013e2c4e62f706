import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Problem } from '../contracts/errors.ts';
import { toProblem } from '../core/errors.ts';
import type { ApiHandler } from '../functions/api/api.ts';
import { openApiDocument } from '../functions/api/openapi.ts';
import type { Log } from '../functions/runtime.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { serveSound } from '../gateway/http-server.ts';
import { limitBody } from './body-limit.ts';
import { answer, toEvent } from './http-event.ts';
import { inFlight } from './in-flight.ts';
import { servePortal } from './portal.ts';
import type { createSignIn } from './sign-in/provider.ts';

export interface HttpParts {
  origin: string;
  domain: string;
  api: ApiHandler;
  signIn: ReturnType<typeof createSignIn>;
  gateway: Gateway;
  portal: boolean;
  /** How long the body of a request to Berth itself may take; apps and WebSockets take as long as they like. */
  bodyMs: number;
  log: Log;
}

export interface HttpService {
  /** Takes nothing more; resolves when what Berth itself was asked is answered. Apps and WebSockets stay open. */
  close: () => Promise<void>;
}

/** One port for all: apps by their host; on Berth's own host the API, the sign-in, the gateway, and else the portal. */
export const serveHttp = (server: Server, parts: HttpParts): HttpService => {
  const portal = parts.portal ? servePortal(parts.origin, parts.domain) : undefined;
  const openApi = JSON.stringify(openApiDocument(parts.origin));
  const asked = inFlight();
  const arriving = new Set<IncomingMessage>();
  let closed = false;

  const own = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (path === '/openapi.json') return send(response, 200, openApi);
    if (path === '/api' || path.startsWith('/api/'))
      return answer(request, response, await parts.api(await toEvent(request)));
    if (await parts.signIn.request(request, response)) return;
    if (portal !== undefined) return portal(request, response, () => notFound(response));
    notFound(response);
  };

  const failed = (request: IncomingMessage, response: ServerResponse, error: unknown) => {
    // Who went away, or was sent away, before the body was there is no fault.
    if (request.destroyed && !request.complete) return void response.destroy();
    parts.log('error', 'a request failed', { path: request.url?.split('?', 1)[0], error });
    if (response.headersSent) response.destroy();
    else problem(response, toProblem(error));
  };

  const take = (request: IncomingMessage, response: ServerResponse) => {
    if (closed) return leaving(response);
    if (parts.gateway.handles(request)) return parts.gateway.request(request, response);
    limitBody(request, response, parts.bodyMs, (to, error) => problem(to, toProblem(error)));
    if (!isOwnHost(request.headers.host, parts.domain)) return misdirected(response, parts.origin);
    arriving.add(request);
    request.once('close', () => arriving.delete(request));
    asked.follow(own(request, response)).catch((error: unknown) => failed(request, response, error));
  };

  serveSound(server, {
    request: take,
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
      await asked.ended();
    },
  };
};

/** A name that a foreign page made resolve to this machine is not ours. Agents dial the address itself. */
const isOwnHost = (host: string | undefined, domain: string): boolean =>
  host === domain || host === domain.replace('localhost', '127.0.0.1');

const misdirected = (response: ServerResponse, origin: string) =>
  plainProblem(response, 421, 'Misdirected request', `Berth is at ${origin}. Use that address.`);

const notFound = (response: ServerResponse) =>
  plainProblem(response, 404, 'Not found', 'There is nothing at this address.');

const leaving = (response: ServerResponse) => {
  response.setHeader('connection', 'close');
  plainProblem(response, 503, 'Stopping', 'Berth is being stopped. Start it, and try again.');
};

/** A problem of this server alone, which no deployed Berth knows. */
const plainProblem = (response: ServerResponse, status: number, title: string, detail: string) =>
  problem(response, { type: 'about:blank', title, status, detail });

const problem = (response: ServerResponse, told: Problem) =>
  send(response, told.status, JSON.stringify(told), 'application/problem+json');

const send = (response: ServerResponse, status: number, body: string, type = 'application/json') => {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(body);
};
