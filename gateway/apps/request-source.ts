import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AppHost } from '../../contracts/values/names.ts';
import { type AppDomain, originOf, parseAppHost } from '../http/host.ts';

/**
 * Which page sent a request. All apps are hosts below one domain, and so one site to a browser, which sends the session
 * cookie along whatever its SameSite attribute says. Without these checks a shared app could read and act
 * in the other apps of the people who open it.
 */

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The app or port at a URL, if it belongs to the same workspace as `host`. */
const siblingAt = (url: string, host: AppHost, domain: AppDomain): AppHost['app'] | undefined => {
  const parsed = URL.parse(url);
  const sibling = parseAppHost(parsed?.host, domain.appDomain);
  if (sibling === undefined || parsed?.origin !== originOf(sibling, domain)) return undefined;
  return sibling.workspace === host.workspace && sibling.owner === host.owner ? sibling.app : undefined;
};

/**
 * The browser loads the response as the page of its window, in place of the page that linked to it (Fetch Metadata).
 */
export const isTopNavigation = ({
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination,
}: IncomingHttpHeaders): boolean => mode === 'navigate' && destination === 'document';

/**
 * The app or port of the workspace whose page sent a request: the app itself for requests that cannot do harm,
 * `undefined` for pages of other workspaces and other sites.
 */
export const sourceOfRequest = (
  { method, headers }: IncomingMessage,
  host: AppHost,
  domain: AppDomain,
): AppHost['app'] | undefined => {
  const site = headers['sec-fetch-site'];
  const isElsewhere = site === 'same-site' || site === 'cross-site';
  // Checked before Origin, which is `null` for forms of an app whose referrer policy is `no-referrer`.
  if (site === 'same-origin') return host.app;
  const isSafe = safeMethods.has(method ?? '');
  if (isSafe && (!isElsewhere || isTopNavigation(headers))) return host.app;
  const source = headers.origin ?? headers.referer;
  if (source === undefined) return isElsewhere ? undefined : host.app;
  return siblingAt(source, host, domain);
};

/**
 * The same for a WebSocket. Browsers always send an Origin with it; a program that sends none holds the cookie itself.
 */
export const sourceOfUpgrade = (
  { headers: { origin } }: IncomingMessage,
  host: AppHost,
  domain: AppDomain,
): AppHost['app'] | undefined => {
  if (origin === undefined) return host.app;
  const app = siblingAt(origin, host, domain);
  // Browsers spell an origin in exactly one way, so another spelling is not a browser's.
  return app !== undefined && origin === originOf({ ...host, app }, domain) ? app : undefined;
};
