import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppHost } from '../../contracts/values/names.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import type { GatewayRules } from '../../core/gateway.ts';
import { readBody } from '../http/body.ts';
import { type AppDomain, originOf } from '../http/host.ts';
import { sendProblem } from '../http/problems.ts';
import { setSessionCookie } from './session-cookie.ts';

const maxFormBytes = 32 * 1024;

const tooLarge = () => new BerthError('too_large', 'The form is too large. Open the app from the portal.');
const tooSlow = () =>
  new BerthError('request_timeout', 'The form did not arrive completely in time. Open the app from the portal again.');

/**
 * Whether a redirect may lead to a path: printable ASCII, so that nothing in it can end the Location header. The app's
 * origin is put in front of it, so that `//evil.example` and `/\\evil.example` are paths like any other.
 */
const isRedirectPath = (path: string): boolean => /^\/[!-~]*$/.test(path);

const readForm = async (request: IncomingMessage, timeoutMs: number): Promise<URLSearchParams> => {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/x-www-form-urlencoded') {
    throw new BerthError(
      'unsupported_media_type',
      'The ticket must be sent as a URL-encoded form. Open the app from the portal.',
    );
  }
  return new URLSearchParams(await readBody(request, { maxBytes: maxFormBytes, timeoutMs, tooLarge, tooSlow }));
};

export interface AppSessionOptions extends AppDomain {
  rules: Pick<GatewayRules, 'redeemAppTicket'>;
  portalUrl: string;
  bodyTimeoutMs: number;
}

const redeemTicket = async (request: IncomingMessage, host: AppHost, options: AppSessionOptions) => {
  if (request.method !== 'POST') {
    throw new BerthError(
      'method_not_allowed',
      'A session is opened with a form that the portal sends. Open the app from the portal.',
    );
  }
  if (request.headers.origin !== new URL(options.portalUrl).origin) {
    throw new BerthError('forbidden', 'Only the portal can open a session. Open the app from the portal.');
  }
  const form = await readForm(request, options.bodyTimeoutMs);
  const path = form.get('path') ?? '/';
  if (!isRedirectPath(path)) {
    throw new BerthError('invalid_request', 'The path must begin with a slash and be plain ASCII.', { field: 'path' });
  }
  return { path, ...(await options.rules.redeemAppTicket(form.get('ticket') ?? '', host)) };
};

/** Exchanges the ticket in the portal's form for an app session's cookie, and redirects to the app. */
export const openAppSession = async (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  options: AppSessionOptions,
): Promise<void> => {
  try {
    const { path, session, expiresAt } = await redeemTicket(request, host, options);
    response.writeHead(303, {
      // Absolute, because a browser would read a path that begins with two slashes as another host.
      location: originOf(host, options) + path,
      'set-cookie': setSessionCookie(session, expiresAt, options.secure),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
  } catch (thrown) {
    sendProblem(response, toProblem(thrown));
  }
};
