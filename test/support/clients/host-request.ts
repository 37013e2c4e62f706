import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestBerth } from '../berth.ts';

export interface HostResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HostRequest {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/**
 * Sends a request to a host below Berth's own, whose name only browsers resolve. Returns the response with its body
 * unread.
 */
export const streamFromHost = async (
  { url }: Pick<TestBerth, 'url'>,
  host: string,
  path: string,
  { method = 'GET', headers = {}, body }: HostRequest = {},
): Promise<IncomingMessage> => {
  const { port } = new URL(url);
  // The path unchanged: `request` would normalize a whole URL.
  const to = { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false };
  // Like browsers, accept larger headers than Node's 16 KB.
  const sent = request({ ...to, maxHeaderSize: 256 * 1024 });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
};

/** Sends a request like `streamFromHost`. Returns the response with its body as text. */
export const requestHost = async (...args: Parameters<typeof streamFromHost>): Promise<HostResponse> => {
  const response = await streamFromHost(...args);
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
};

/** Sends lines of a head unchanged, spelling and repetition included. Returns the whole response as text. */
export const sendRaw = async ({ url }: Pick<TestBerth, 'url'>, lines: readonly string[]): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(Buffer.from(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1'));
  return text(socket);
};

/** Posts the form with a ticket, like the portal. */
export const postTicket = (
  berth: Pick<TestBerth, 'url'>,
  host: string,
  ticket: string,
  { path = '/', origin = berth.url }: { path?: string; origin?: string } = {},
): Promise<HostResponse> =>
  requestHost(berth, host, '/.berth/session', {
    method: 'POST',
    headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ticket, path }).toString(),
  });

export const cookieOf = ({ headers }: HostResponse): string =>
  String(headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
