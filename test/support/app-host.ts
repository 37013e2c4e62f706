import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestBerth } from './berth.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
}

/** Asks at a host below Berth's own, whose name only browsers resolve. */
export const askAt = async (
  { url }: Pick<TestBerth, 'url'>,
  host: string,
  path: string,
  asked: Asked = {},
): Promise<Answer> => {
  const { method = 'GET', headers = {}, body } = asked;
  const { port } = new URL(url);
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
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

/** The cookie of whoever opens an app from the portal. */
export const openApp = async (
  berth: TestBerth,
  workspace: string,
  app: string,
  person: 'ada' | 'linus' = 'ada',
): Promise<{ host: string; cookie: string }> => {
  const { ticket, url } = await berth.as(person).createTicket({ params: { workspace }, body: { for: 'app', app } });
  const { host } = new URL(url);
  return { host, cookie: cookieOf(await postTicket(berth, host, ticket)) };
};
