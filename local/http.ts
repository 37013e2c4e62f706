import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { toProblem } from '../core/errors.ts';
import type { ApiHandler } from '../functions/api/api.ts';
import { openApiDocument } from '../functions/api/openapi.ts';
import type { Log } from '../functions/runtime.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { answer, toEvent } from './http-event.ts';
import { servePortal } from './portal.ts';
import type { createSignIn } from './sign-in/provider.ts';

export interface HttpParts {
  origin: string;
  domain: string;
  api: ApiHandler;
  signIn: ReturnType<typeof createSignIn>;
  gateway: Gateway;
  portal: boolean;
  log: Log;
}

/** One port for all: apps by their host; on Berth's own host the API, the sign-in, the gateway, and else the portal. */
export const serveHttp = (server: Server, parts: HttpParts): void => {
  const portal = parts.portal ? servePortal(parts.origin, parts.domain) : undefined;
  const openApi = JSON.stringify(openApiDocument(parts.origin));

  const own = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (path === '/openapi.json') return send(response, 200, openApi);
    if (path === '/api' || path.startsWith('/api/'))
      return answer(request, response, await parts.api(await toEvent(request)));
    if (await parts.signIn.request(request, response)) return;
    if (portal !== undefined) return portal(request, response, () => notFound(response));
    notFound(response);
  };

  server.on('request', (request, response) => {
    if (parts.gateway.handles(request.headers.host)) return parts.gateway.request(request, response);
    if (!isOwnHost(request.headers.host, parts.domain)) return misdirected(response, parts.origin);
    own(request, response).catch((error: unknown) => {
      parts.log('error', 'a request failed', { path: request.url?.split('?', 1)[0], error });
      if (response.headersSent) response.destroy();
      else problem(response, toProblem(error));
    });
  });

  server.on('upgrade', (request, socket, head) => {
    if (!parts.gateway.upgrade(request, socket, head))
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  });
};

/** A name that a foreign page made resolve to this machine is not ours. Agents dial the address itself. */
const isOwnHost = (host: string | undefined, domain: string): boolean =>
  host === domain || host === domain.replace('localhost', '127.0.0.1');

const misdirected = (response: ServerResponse, origin: string) =>
  send(
    response,
    421,
    JSON.stringify({
      type: 'about:blank',
      title: 'Misdirected request',
      status: 421,
      detail: `Berth is at ${origin}. Use that address.`,
    }),
    'application/problem+json',
  );

const notFound = (response: ServerResponse) =>
  send(
    response,
    404,
    JSON.stringify({
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
    }),
    'application/problem+json',
  );

const problem = (response: ServerResponse, told: ReturnType<typeof toProblem>) =>
  send(response, told.status, JSON.stringify(told), 'application/problem+json');

const send = (response: ServerResponse, status: number, body: string, type = 'application/json') => {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(body);
};
