import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type AppHost, appLabel } from '../contracts/names.ts';
import { withoutOurs } from './cookies.ts';
import { appHostOf } from './host.ts';

/** Headers by which proxies speak, beside all of `x-forwarded-`; from a client they are hearsay. */
const hearsay = new Set([
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

/** Apps behind WSGI and the like cannot tell an underscore from a hyphen. */
export const isHearsay = (header: string): boolean => {
  const name = header.replaceAll('_', '-');
  return name.startsWith('x-forwarded-') || hearsay.has(name);
};

export interface Served {
  appDomain: string;
  secure: boolean;
  /** Whether a bearer token is one of Berth's, which no app may see. */
  isOwnToken: (token: string) => boolean;
  /** A load balancer of ours stands before the gateway; the last address of X-Forwarded-For is its word. */
  behindLoadBalancer: boolean;
}

export const originOf = (host: AppHost, { appDomain, secure }: Served): string =>
  `${secure ? 'https' : 'http'}://${appLabel(host)}.${appDomain}`;

const clientAddress = ({ headers, socket }: IncomingMessage, { behindLoadBalancer }: Served): string => {
  const told = behindLoadBalancer
    ? String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  return told || (socket.remoteAddress ?? 'unknown');
};

const wordsIn = (text: string): string[] => text.split(/[^\w.-]+/);

/** Everything in an Authorization header that may be a token: in quotes, as a parameter, as a name or password in base64. */
const wordsOf = (authorization = ''): string[] => [
  ...wordsIn(authorization),
  ...authorization.split(/[\s,]+/).flatMap((word) => wordsIn(Buffer.from(word, 'base64').toString('latin1'))),
];

/** Takes Berth's own secrets out of a request and says truly where it came from. Changes the request's headers. */
export const cleanHeaders = (request: IncomingMessage, host: AppHost, served: Served): void => {
  const { headers } = request;
  const client = clientAddress(request, served);
  for (const name of Object.keys(headers)) if (isHearsay(name)) delete headers[name];
  delete headers['proxy-authorization'];
  // Announced without a chunked body they would be an error here; those that come are passed on all the same.
  delete headers['trailer'];
  const cookie = headers.cookie === undefined ? undefined : withoutOurs(headers.cookie);
  if (cookie === undefined) delete headers.cookie;
  else headers.cookie = cookie;
  if (wordsOf(headers.authorization).some(served.isOwnToken)) delete headers.authorization;
  headers['x-forwarded-host'] = `${appLabel(host)}.${served.appDomain}`;
  headers['x-forwarded-proto'] = served.secure ? 'https' : 'http';
  headers['x-forwarded-for'] = client;
};

/**
 * What is said between neighbours, beside Connection itself. An app that heard it might switch protocols, or be told to
 * forget headers of ours.
 */
const betweenNeighbours = ['upgrade', 'http2-settings', 'keep-alive', 'proxy-connection', 'proxy-authorization'];

/** Takes out of a plain request what is not for the app. Changes the request's headers. */
export const keepBetweenUs = ({ headers }: IncomingMessage): void => {
  for (const name of betweenNeighbours) delete headers[name];
  headers.connection = /\bclose\b/i.test(headers.connection ?? '') ? 'close' : 'keep-alive';
};

/** The same for an upgrade to a WebSocket. */
export const keepUpgradeBetweenUs = (request: IncomingMessage): void => {
  const { upgrade } = request.headers;
  keepBetweenUs(request);
  Object.assign(request.headers, { upgrade, connection: 'Upgrade' });
};

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether an address is of this app or of another one of the same workspace, which may call each other. */
const isOfWorkspace = (address: string, host: AppHost, served: Served): boolean => {
  const url = URL.parse(address);
  const from = appHostOf(url?.host, served.appDomain);
  if (from === undefined || url?.origin !== originOf(from, served)) return false;
  return from.workspace === host.workspace && from.owner === host.owner;
};

/** The person goes there, and leaves the page that sent them. */
const isTopNavigation = ({ 'sec-fetch-mode': mode, 'sec-fetch-dest': destination }: IncomingHttpHeaders): boolean =>
  mode === 'navigate' && destination === 'document';

/**
 * Whether a page of another workspace, or of another site, made a request that changes something, or that loads from
 * here what it shows or runs. Hosts below one domain are one site to a browser, which sends the cookie along whatever
 * SameSite says: an app that somebody shares could act and read in the apps of those who open it.
 */
export const isForeignAct = ({ method, headers }: IncomingMessage, host: AppHost, served: Served): boolean => {
  const site = headers['sec-fetch-site'];
  const isElsewhere = site === 'same-site' || site === 'cross-site';
  // The forms of an app whose referrer policy is `no-referrer` come from the origin `null`, to itself, too.
  if (site === 'same-origin') return false;
  const from = headers.origin ?? headers.referer;
  if (!safeMethods.has(method ?? '')) return from === undefined ? isElsewhere : !isOfWorkspace(from, host, served);
  if (!isElsewhere || isTopNavigation(headers)) return false;
  return !isOfWorkspace(from ?? '', host, served);
};
