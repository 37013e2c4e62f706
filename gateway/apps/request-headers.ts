import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type AppHost, appLabel } from '../../contracts/values/names.ts';
import type { AppDomain } from '../http/host.ts';
import { isForDocument } from './activity-script.ts';
import { withoutSessionCookie } from './session-cookie.ts';

export interface RequestHeaderOptions extends AppDomain {
  /** Whether a bearer token is one of Berth's, which no app may see. */
  isBerthToken: (token: string) => boolean;
  /** A trusted load balancer appends the client's address to X-Forwarded-For. */
  behindLoadBalancer: boolean;
}

/**
 * Headers in which proxies describe the original request, besides those that begin with `x-forwarded-`. A client can
 * forge them, so none that it sends reaches an app.
 */
const forwardingHeaders = new Set([
  'forwarded',
  'true-client-ip',
  'x-client-ip',
  'x-host',
  'x-http-host-override',
  'x-original-host',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

/** Underscores count as hyphens, because apps behind CGI and WSGI cannot tell them apart. */
export const isForwardingHeader = (header: string): boolean => {
  const name = header.replaceAll('_', '-');
  return name.startsWith('x-forwarded-') || forwardingHeaders.has(name);
};

/**
 * Hop-by-hop headers (RFC 9110, section 7.6.1), besides Connection itself. An app that received them might switch
 * protocols, or drop headers that Connection names.
 */
const hopByHopHeaders = ['upgrade', 'http2-settings', 'keep-alive', 'proxy-connection', 'proxy-authorization'];

const clientAddress = ({ headers, socket }: IncomingMessage, behindLoadBalancer: boolean): string => {
  const forwarded = behindLoadBalancer ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  return forwarded.at(-1)?.trim() || (socket.remoteAddress ?? 'unknown');
};

const wordsIn = (text: string): string[] => text.split(/[^\w.-]+/);

/**
 * Everything in an Authorization header that may be a token: quoted, a parameter, or a base64 user name or password.
 */
const possibleTokens = (authorization = ''): string[] => [
  ...wordsIn(authorization),
  ...authorization.split(/[\s,]+/).flatMap((word) => wordsIn(Buffer.from(word, 'base64').toString('latin1'))),
];

/** The headers for an app, without Berth's own credentials and with the real origin of the request. */
const headersForApp = (
  request: IncomingMessage,
  host: AppHost,
  { appDomain, secure, isBerthToken, behindLoadBalancer }: RequestHeaderOptions,
): OutgoingHttpHeaders => {
  const { cookie, authorization, ...headers }: OutgoingHttpHeaders = { ...request.headers };
  for (const name of Object.keys(headers)) if (isForwardingHeader(name)) delete headers[name];
  for (const name of hopByHopHeaders) delete headers[name];
  // Node refuses to announce trailers for a body that is not chunked. Trailers that arrive are forwarded without it.
  delete headers['trailer'];
  const appCookies = withoutSessionCookie(request.headers.cookie);
  const hasBerthToken = possibleTokens(request.headers.authorization).some(isBerthToken);
  return {
    ...headers,
    ...(appCookies === undefined ? {} : { cookie: appCookies }),
    ...(authorization === undefined || hasBerthToken ? {} : { authorization }),
    'x-forwarded-host': `${appLabel(host)}.${appDomain}`,
    'x-forwarded-proto': secure ? 'https' : 'http',
    'x-forwarded-for': clientAddress(request, behindLoadBalancer),
  };
};

const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;

/** What an app receives as the headers of a request. */
export const requestHeaders = (
  request: IncomingMessage,
  host: AppHost,
  options: RequestHeaderOptions,
): OutgoingHttpHeaders => {
  const { method = '', headers } = request;
  // An app that finds the end of a chunked body elsewhere must not take the rest for the next request (request
  // smuggling).
  const mustClose = headers['transfer-encoding'] !== undefined || /\bclose\b/i.test(headers.connection ?? '');
  return {
    ...headersForApp(request, host, options),
    connection: mustClose ? 'close' : 'keep-alive',
    // For these methods Node would not announce that there is no body.
    ...(['DELETE', 'OPTIONS'].includes(method) && hasNoBody(request) ? { 'content-length': '0' } : {}),
    // A script can be appended to a page only if the page is not compressed.
    ...(isForDocument(request) ? { 'accept-encoding': 'identity' } : {}),
  };
};

/** What an app receives as the headers of an upgrade to a WebSocket. */
export const upgradeHeaders = (
  request: IncomingMessage,
  host: AppHost,
  options: RequestHeaderOptions,
): OutgoingHttpHeaders => ({
  ...headersForApp(request, host, options),
  upgrade: request.headers.upgrade,
  connection: 'Upgrade',
});
