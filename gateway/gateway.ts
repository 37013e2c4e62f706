import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { agentPath } from '../contracts/agent.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import { pullActivity } from './activity.ts';
import { createAdmission } from './admission.ts';
import { Agents } from './agents.ts';
import { AppProxy } from './app-proxy.ts';
import { appSessionPath, openAppSession } from './app-session.ts';
import { appHostOf, isBelow } from './host.ts';
import type { Log } from './log.ts';
import { notFoundPage, sendPage, wrongHostPage } from './pages.ts';
import { isNavigation, refuseUpgrade, sendProblem } from './problems.ts';
import { proxySession, sessionTarget } from './session-proxy.ts';

export interface GatewayOptions {
  rules: GatewayRules;
  /** The domain below which apps have their hosts, with the port unless it is the scheme's own: `localhost:8080`. */
  appDomain: string;
  /** Where the portal is, without a slash at the end. */
  portalUrl: string;
  /** Served by https: cookies are `__Host-` and Secure. */
  secureCookies: boolean;
  /** How often the agents are asked for activity; 5 s. */
  activityEveryMs?: number;
  /** How often both ends make sure of the other; 15 s. */
  heartbeatMs?: number;
  /** Whether a bearer token sent to an app is one of Berth's, which is taken out; by default what begins with `berth_`. */
  isOwnToken?: (token: string) => boolean;
  log: Log;
}

export interface Gateway {
  /** Whether a Host header is an app's (or tries to be): then the request is the gateway's. */
  handles(host: string | undefined): boolean;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Takes an upgrade on an app's host, of an agent or of a session; `false` for one that is not its own. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Workspaces whose agents are connected. */
  connected(): string[];
  /** Cuts a workspace's agent off, and everything open through it. */
  disconnect(workspaceId: string): void;
  close(): Promise<void>;
}

const strangeHost = () => new BerthError('not_found', 'No app has this address. Open the app from the portal.');

/** The data plane: takes agents in, and brings browsers and terminals to the right one. Listens nowhere itself. */
export const createGateway = (options: GatewayOptions): Gateway => {
  const { rules, appDomain, portalUrl, secureCookies, log } = options;
  const portalOrigin = new URL(portalUrl).origin;
  const agents = new Agents(rules, log);
  const admit = createAdmission(rules, agents, options.heartbeatMs ?? 15_000, log);
  const isOwnToken = options.isOwnToken ?? ((token) => token.startsWith('berth_'));
  const apps = new AppProxy({ rules, agents, appDomain, portalUrl, secure: secureCookies, isOwnToken, log });
  const stopPulling = pullActivity(agents, rules, options.activityEveryMs ?? 5_000, log);

  const request = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const host = appHostOf(incoming.headers.host, appDomain);
    if (host === undefined) {
      if (isNavigation(incoming)) return sendPage(response, wrongHostPage);
      return sendProblem(response, { ...toProblem(strangeHost()), status: 421 });
    }
    const path = incoming.url?.split('?')[0] ?? '';
    if (path === appSessionPath)
      return openAppSession(incoming, response, host, { rules, portalOrigin, secureCookies });
    if (path.startsWith('/.berth/')) return sendPage(response, notFoundPage);
    return apps.request(incoming, response, host);
  };

  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> | undefined => {
    if (isBelow(incoming.headers.host, appDomain)) {
      const host = appHostOf(incoming.headers.host, appDomain);
      if (host !== undefined) return apps.upgrade(incoming, socket, head, host);
      refuseUpgrade(socket, strangeHost());
      return Promise.resolve();
    }
    if (incoming.url === agentPath) return admit(incoming, socket, head);
    const target = sessionTarget(incoming.url);
    return target && proxySession(incoming, socket, head, target, { rules, agents, portalOrigin, log });
  };

  const report = (thrown: unknown) => log('error', 'the gateway failed', { reason: String(thrown) });
  return {
    handles: (host) => isBelow(host, appDomain),
    request: (incoming, response) => void request(incoming, response).catch(report),
    upgrade: (incoming, socket, head) => {
      const taken = upgrade(incoming, socket, head);
      // A client that goes away while it is being asked about is no fault.
      if (taken !== undefined) socket.on('error', () => socket.destroy());
      taken?.catch(report);
      return taken !== undefined;
    },
    connected: () => agents.all().map(({ session }) => session.workspaceId),
    disconnect: (workspaceId) => agents.disconnect(workspaceId),
    close: () => {
      stopPulling();
      return agents.close();
    },
  };
};
