import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppHost } from '../contracts/names.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import { readBody } from './body.ts';
import { sessionCookie } from './cookies.ts';
import { sendProblem } from './problems.ts';

export const appSessionPath = '/.berth/session';
const mostBytes = 8_192;

const tooLarge = () => new BerthError('too_large', 'The form is too large. Open the app from the portal.');
const tooSlow = () =>
  new BerthError('request_timeout', 'The form did not arrive whole in time. Open the app from the portal again.');

/**
 * A path on the app itself, in printable ASCII: nothing a browser would read as another host (`//evil`, `/\\evil`),
 * nothing that ends a header.
 */
export const isOwnPath = (path: string): boolean => /^\/(?![/\\])[!-[\]-~]*$/.test(path);

const formOf = async (request: IncomingMessage, withinMs: number): Promise<URLSearchParams> => {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/x-www-form-urlencoded') {
    throw new BerthError(
      'unsupported_media_type',
      'The ticket has to be sent as a form. Open the app from the portal.',
    );
  }
  return new URLSearchParams(await readBody(request, { mostBytes, withinMs, tooLarge, tooSlow }));
};

interface Options {
  rules: GatewayRules;
  portalOrigin: string;
  secureCookies: boolean;
  bodyWithinMs: number;
}

const takeTicket = async (request: IncomingMessage, host: AppHost, options: Options) => {
  if (request.method !== 'POST') {
    throw new BerthError(
      'method_not_allowed',
      'A session is opened by a form that the portal sends. Open the app from the portal.',
    );
  }
  if (request.headers.origin !== options.portalOrigin) {
    throw new BerthError('forbidden', 'Only the portal opens a session. Open the app from the portal.');
  }
  const form = await formOf(request, options.bodyWithinMs);
  const path = form.get('path') ?? '/';
  if (!isOwnPath(path))
    throw new BerthError('invalid_request', 'The path has to lead into the app.', { field: 'path' });
  const taken = await options.rules.takeAppTicket(form.get('ticket') ?? '', host);
  return { path, cookie: sessionCookie(taken.session, taken.expiresAt, options.secureCookies) };
};

/** Takes the ticket that the portal's form carries, and answers with the app's own cookie and the way into the app. */
export const openAppSession = async (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  options: Options,
): Promise<void> => {
  try {
    const { path, cookie } = await takeTicket(request, host, options);
    response.writeHead(303, {
      location: path,
      'set-cookie': cookie,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
  } catch (thrown) {
    sendProblem(response, toProblem(thrown));
  }
};
