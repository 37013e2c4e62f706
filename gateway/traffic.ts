import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { agentPath, signOnPath } from '../contracts/wire.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import type { AppProxy } from './app-proxy.ts';
import { appSessionPath, openAppSession } from './app-session.ts';
import { appHostOf, isBelow } from './host.ts';
import type { Links } from './links.ts';
import type { Log } from './log.ts';
import type { OpenConnections } from './open-connections.ts';
import { notFoundPage, sendPage, wrongHostPage } from './pages.ts';
import { isNavigation, refuseUpgrade, sendProblem } from './problems.ts';
import { proxySession, sessionTarget } from './session-proxy.ts';
import { serveSignOn } from './sign-on.ts';

interface Options {
  rules: GatewayRules;
  links: Links;
  open: OpenConnections;
  apps: AppProxy;
  admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  appDomain: string;
  portalUrl: string;
  secure: boolean;
  /** How long the bodies that the gateway reads itself may take. */
  bodyWithinMs: number;
  log: Log;
}

const strangeHost = () => new BerthError('not_found', 'No app has this address. Open the app from the portal.');
const replaced = () =>
  new BerthError('agent_unreachable', 'This gateway is being replaced by another one. Connect again in a moment.');

/** Tells by host and path what a request or an upgrade is for. */
export const createTraffic = (options: Options) => {
  const { rules, apps, appDomain, links, open, log, secure, bodyWithinMs } = options;
  const portalOrigin = new URL(options.portalUrl).origin;
  let takesMore = true;

  const request = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    // The browser's next request goes to another replica.
    if (!takesMore) response.setHeader('connection', 'close');
    if (incoming.url === signOnPath && !isBelow(incoming.headers.host, appDomain)) {
      return serveSignOn(incoming, response, { rules, bodyWithinMs, log });
    }
    const host = appHostOf(incoming.headers.host, appDomain);
    if (host === undefined) {
      if (isNavigation(incoming)) return sendPage(response, wrongHostPage);
      return sendProblem(response, { ...toProblem(strangeHost()), status: 421 });
    }
    const path = incoming.url?.split('?')[0] ?? '';
    if (path === appSessionPath) {
      return openAppSession(incoming, response, host, { rules, portalOrigin, secureCookies: secure, bodyWithinMs });
    }
    if (path.startsWith('/.berth/')) return sendPage(response, notFoundPage);
    return apps.request(incoming, response, host);
  };

  /** `undefined` for an upgrade that is not the gateway's. */
  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> | undefined => {
    const refuse = async (error: BerthError, status?: number) => refuseUpgrade(socket, error, status);
    if (!takesMore) return refuse(replaced(), 503);
    if (isBelow(incoming.headers.host, appDomain)) {
      const host = appHostOf(incoming.headers.host, appDomain);
      return host === undefined ? refuse(strangeHost()) : apps.upgrade(incoming, socket, head, host);
    }
    if (incoming.url === agentPath) return options.admit(incoming, socket, head);
    const target = sessionTarget(incoming.url);
    return target && proxySession(incoming, socket, head, target, { rules, links, open, portalOrigin, log });
  };

  const takeNoMore = () => {
    takesMore = false;
  };
  return { request, upgrade, takeNoMore };
};
