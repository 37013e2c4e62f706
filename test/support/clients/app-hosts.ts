import { once } from 'node:events';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { RouteInput } from '../../../contracts/routes/routes.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { scriptTemplate } from '../apps/script-template.ts';
import { type TestBerth, untilStatus } from '../berth.ts';
import { cookieOf, type HostRequest, postTicket, requestHost, streamFromHost } from './host-request.ts';

type Person = Parameters<TestBerth['as']>[0];
export type Target = Exclude<RouteInput<'createTicket'>['body'], { for: 'session' }>;

/** Waits until a workspace runs and all its apps are healthy. */
export const untilHealthy = async (berth: TestBerth, person: Person, workspace: string): Promise<Workspace> => {
  const as = berth.as(person);
  await untilStatus(as, workspace, 'running');
  const look = async () => {
    const seen = await as.getWorkspace({ params: { workspace } });
    return seen.apps.every(({ health }) => health === 'healthy') ? seen : undefined;
  };
  return vi.waitUntil(look, { timeout: 60_000, interval: 50 });
};

/** Opens apps and ports like the browsers of people. */
export const appHosts = (berth: TestBerth) => {
  const begin = (host: string, path: string, headers: HostRequest['headers'] = {}) =>
    streamFromHost(berth, host, path, { headers });
  const send = (host: string, path: string, headers: HostRequest['headers'] = {}) =>
    requestHost(berth, host, path, { headers });
  const post = (host: string, ticket: string) => postTicket(berth, host, ticket);

  const ticketOf = async (person: Person, workspace: string, target: Target) => {
    const { ticket, url } = await berth.as(person).createTicket({ params: { workspace }, body: target });
    return { ticket, host: new URL(url).host };
  };

  /** Signs a person in at the host of an app or a port. Returns the host and the cookie. */
  const signIn = async (person: Person, workspace: string, target: Target) => {
    const { ticket, host } = await ticketOf(person, workspace, target);
    const response = await post(host, ticket);
    expect(response.status, response.body).toBe(303);
    return { host, cookie: cookieOf(response) };
  };

  const socket = async (host: string, cookie: string, path = '/socket'): Promise<WebSocket> => {
    const opened = new WebSocket(berth.url.replace('http', 'ws') + path, { headers: { host, cookie } });
    await once(opened, 'open');
    return opened;
  };

  return { begin, send, ticketOf, post, signIn, socket };
};

const app = `
  const http = require('node:http'), crypto = require('node:crypto');
  const [name, port] = process.argv.slice(2);
  http.createServer((q, s) => {
    if (q.url === '/stream') return s.write('one');
    s.end(name + ' ' + port);
  }).on('upgrade', (q, s) => {
    const key = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    s.write('HTTP/1.1 101 x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
    s.on('error', () => {});
  }).listen(port, '127.0.0.1');
`;

/**
 * A template whose apps `web` and `other` respond with their name and port, stream without an end, and accept
 * WebSockets.
 */
export const appsTemplate = (name: string, more = ''): string =>
  scriptTemplate(name, app, {
    run: `"$BERTH_NODE" app.cjs web "$BERTH_APP_WEB_PORT" >/dev/null 2>&1 &
"$BERTH_NODE" app.cjs other "$BERTH_APP_OTHER_PORT" >/dev/null 2>&1 &`,
    apps: '[{ name: web, health: { every: 1s } }, { name: other, health: { every: 1s } }]',
    more,
  });
