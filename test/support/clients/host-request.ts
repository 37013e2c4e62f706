import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestBerth } from '../berth.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** The beginning of an answer at a host below Berth's own, whose name only browsers resolve. */
export const beginAt = async (
  { url }: Pick<TestBerth, 'url'>,
  host: string,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<IncomingMessage> => {
  const { port } = new URL(url);
  // The path as it is: a whole URL would be tidied up.
  const to = { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false };
  // As browsers do, it takes larger headers than Node's 16 KB.
  const sent = request({ ...to, maxHeaderSize: 256 * 1024 });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
};

/** The whole of it. */
export const askAt = async (...asked: Parameters<typeof beginAt>): Promise<Answer> => {
  const answer = await beginAt(...asked);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
};

/** Sends lines of a head as they are, spelling and repetition included, and answers all that comes back. */
export const askRaw = async ({ url }: Pick<TestBerth, 'url'>, lines: readonly string[]): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(Buffer.from(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1'));
  return text(socket);
};

/** The ticket's form, as the portal posts it. */
export const postTicket = (
  berth: Pick<TestBerth, 'url'>,
  host: string,
  ticket: string,
  { path = '/', origin = berth.url }: { path?: string; origin?: string } = {},
): Promise<Answer> =>
  askAt(berth, host, '/.berth/session', {
    method: 'POST',
    headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ticket, path }).toString(),
  });

export const cookieOf = ({ headers }: Answer): string => String(headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
