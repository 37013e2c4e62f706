import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '../base/log.ts';
import { agentAuthenticationPath, agentPath } from '../contracts/agent/wire.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import type { OpenConnections } from './access/open-connections.ts';
import { serveAgentAuthentication } from './agents/authentication.ts';
import type { AppProxy } from './apps/app-proxy.ts';
import { isBelowAppDomain, parseAppHost } from './http/host.ts';
import { sendPage, unknownHostPage } from './http/html-pages.ts';
import { isNavigation, refuseUpgrade, sendProblem } from './http/problems.ts';
import type { AgentLinks } from './peers/agent-links.ts';
import { proxySession, sessionTarget } from './sessions/session-proxy.ts';

interface Options {
  rules: GatewayRules;
  links: AgentLinks;
  open: OpenConnections;
  apps: AppProxy;
  admitAgent(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  appDomain: string;
  portalUrl: string;
  /** How long the bodies that the gateway reads itself may take. */
  bodyTimeoutMs: number;
  log: Log;
}

const unknownHost = () => new BerthError('not_found', 'No app has this address. Open the app from the portal.');
const draining = () =>
  new BerthError('agent_unreachable', 'This gateway is being replaced. Connect again in a moment.');

/** Sends each request and upgrade to its handler, by host and path. */
export const createRouter = (options: Options) => {
  const { rules, apps, appDomain, links, open, log, bodyTimeoutMs } = options;
  const portalOrigin = new URL(options.portalUrl).origin;
  let isDraining = false;

  const request = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    // So that the client's next request reaches another replica.
    if (isDraining) response.setHeader('connection', 'close');
    if (incoming.url === agentAuthenticationPath && !isBelowAppDomain(incoming.headers.host, appDomain)) {
      return serveAgentAuthentication(incoming, response, { rules, bodyTimeoutMs, log });
    }
    const host = parseAppHost(incoming.headers.host, appDomain);
    if (host !== undefined) return apps.request(incoming, response, host);
    if (isNavigation(incoming)) return sendPage(response, unknownHostPage);
    return sendProblem(response, { ...toProblem(unknownHost()), status: 421 });
  };

  /** `undefined` for an upgrade that is not for the gateway. */
  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> | undefined => {
    const refuse = async (error: BerthError, status?: number) => refuseUpgrade(socket, error, status);
    if (isDraining) return refuse(draining(), 503);
    if (isBelowAppDomain(incoming.headers.host, appDomain)) {
      const host = parseAppHost(incoming.headers.host, appDomain);
      return host === undefined ? refuse(unknownHost()) : apps.upgrade(incoming, socket, head, host);
    }
    if (incoming.url === agentPath) return options.admitAgent(incoming, socket, head);
    const target = sessionTarget(incoming.url);
    return target && proxySession(incoming, socket, head, target, { rules, links, open, portalOrigin, log });
  };

  /** Refuses new agents and sessions. */
  const drain = () => {
    isDraining = true;
  };
  return { request, upgrade, drain };
};
