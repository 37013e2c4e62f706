import type { IncomingMessage } from 'node:http';
import { type AppHost, appLabel } from '../contracts/names.ts';
import { withoutOurs } from './cookies.ts';
import { appHostOf } from './host.ts';

/** Headers by which proxies speak; from a client they are hearsay. */
const hearsay = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
];

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

/** Takes Berth's own secrets out of a request and says truly where it came from. Changes the request's headers. */
export const cleanHeaders = (request: IncomingMessage, host: AppHost, served: Served): void => {
  const { headers } = request;
  const client = clientAddress(request, served);
  for (const name of hearsay) delete headers[name];
  const cookie = headers.cookie === undefined ? undefined : withoutOurs(headers.cookie);
  if (cookie === undefined) delete headers.cookie;
  else headers.cookie = cookie;
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined && served.isOwnToken(bearer)) delete headers.authorization;
  headers['x-forwarded-host'] = `${appLabel(host)}.${served.appDomain}`;
  headers['x-forwarded-proto'] = served.secure ? 'https' : 'http';
  headers['x-forwarded-for'] = client;
};

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether another site's page made a request that changes something. Hosts below one domain are one site to a browser,
 * so that SameSite alone would let one person's app act in another's. Apps of the same workspace may call each other.
 */
export const isForeignAct = ({ method, headers }: IncomingMessage, host: AppHost, served: Served): boolean => {
  if (safeMethods.has(method ?? '') || headers.origin === undefined) return false;
  const from = appHostOf(URL.parse(headers.origin)?.host, served.appDomain);
  if (from === undefined || headers.origin !== originOf(from, served)) return true;
  return from.workspace !== host.workspace || from.owner !== host.owner;
};
