import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { appAuthority } from '../contracts/agent.ts';
import { type AppHost, appLabel } from '../contracts/names.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { Destination, GatewayRules } from '../core/gateway.ts';
import type { Agents } from './agents.ts';
import { keepChecking } from './app-access.ts';
import { cleanHeaders, isForeignAct, originOf, type Served } from './app-request.ts';
import { readCookie } from './cookies.ts';
import type { Log } from './log.ts';
import { notFoundPage, type Page, sendPage, silentAppPage, workspacePage } from './pages.ts';
import { isNavigation, refuseUpgrade, sendProblem } from './problems.ts';
import { proxyRequest, proxyUpgrade } from './proxy.ts';
import type { Tunnel } from './tunnel.ts';
import { TunnelAgent } from './tunnel-agent.ts';

export interface AppProxyOptions extends Served {
  rules: GatewayRules;
  agents: Agents;
  portalUrl: string;
  log: Log;
}

const unreachable = (name: string) =>
  new BerthError('agent_unreachable', `The workspace ${name} is not running or not connected. See it in the portal.`);
const foreign = () =>
  new BerthError('forbidden', 'The request comes from another site’s page. Open the app itself and try there.');

/** Serves the apps of workspaces, each on its host, to those who may use it. */
export class AppProxy {
  readonly #options: AppProxyOptions;
  /** The pool of connections per tunnel and app; it goes with the tunnel. */
  readonly #pools = new WeakMap<Tunnel, Map<string, TunnelAgent>>();

  constructor(options: AppProxyOptions) {
    this.#options = options;
  }

  async request(request: IncomingMessage, response: ServerResponse, host: AppHost): Promise<void> {
    try {
      if (isForeignAct(request, host, this.#options)) throw foreign();
      const ask = this.#question(request, host);
      const destination = await ask();
      const tunnel = this.#tunnelTo(destination);
      if (tunnel === undefined) return this.#explain(request, response, destination);
      cleanHeaders(request, host, this.#options);
      const stop = keepChecking(ask, () => response.destroy());
      response.once('close', stop);
      await proxyRequest(request, response, this.#pool(tunnel, host.app));
    } catch (thrown) {
      this.#refuse(request, response, host, thrown);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, host: AppHost): Promise<void> {
    try {
      const { origin } = request.headers;
      if (origin !== undefined && origin !== originOf(host, this.#options)) throw foreign();
      const ask = this.#question(request, host);
      const destination = await ask();
      const tunnel = this.#tunnelTo(destination);
      if (tunnel === undefined) throw unreachable(destination.name);
      const stream = await tunnel.connect(appAuthority(host.app));
      cleanHeaders(request, host, this.#options);
      const stop = keepChecking(ask, () => socket.destroy());
      socket.once('close', stop);
      await proxyUpgrade(request, socket, head, stream);
    } catch (thrown) {
      this.#logFault(thrown, host);
      if (socket.writable) refuseUpgrade(socket, thrown);
    }
  }

  /** Asks the rules whether the holder of the request's cookie may use the app; can be asked again later. */
  #question(request: IncomingMessage, host: AppHost): () => Promise<Destination> {
    const session = readCookie(request.headers.cookie, this.#options.secure);
    return () => this.#options.rules.openApp(session, host);
  }

  #tunnelTo({ status, workspaceId }: Destination): Tunnel | undefined {
    return status === 'running' ? this.#options.agents.tunnel(workspaceId) : undefined;
  }

  #pool(tunnel: Tunnel, app: string): TunnelAgent {
    let pools = this.#pools.get(tunnel);
    if (pools === undefined) {
      pools = new Map();
      this.#pools.set(tunnel, pools);
    }
    let pool = pools.get(app);
    if (pool === undefined) {
      pool = new TunnelAgent(tunnel, appAuthority(app));
      pools.set(app, pool);
    }
    return pool;
  }

  #explain(request: IncomingMessage, response: ServerResponse, destination: Destination): void {
    if (isNavigation(request)) sendPage(response, workspacePage(destination, this.#options.portalUrl));
    else sendProblem(response, toProblem(unreachable(destination.name)));
  }

  #refuse(request: IncomingMessage, response: ServerResponse, host: AppHost, thrown: unknown): void {
    // The browser went away: there is nobody to tell.
    if (response.destroyed) return;
    this.#logFault(thrown, host);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const error =
      thrown instanceof BerthError
        ? thrown
        : new BerthError('agent_unreachable', 'The app broke the connection off before it answered. Try again.');
    if (!isNavigation(request)) sendProblem(response, toProblem(error));
    else if (error.name === 'unauthenticated') this.#signIn(request, response, host);
    else sendPage(response, this.#pageOf(error, host));
  }

  #signIn(request: IncomingMessage, response: ServerResponse, host: AppHost): void {
    const query = new URLSearchParams({ app: appLabel(host), path: request.url ?? '/' });
    response.writeHead(302, { location: `${this.#options.portalUrl}/open?${query}`, 'cache-control': 'no-store' });
    response.end();
  }

  #pageOf(error: BerthError, host: AppHost): Page {
    if (error.name === 'not_found') return notFoundPage;
    if (error.name === 'agent_unreachable') return silentAppPage(host.app);
    return { status: error.status, title: 'That did not work', text: error.message };
  }

  /** Refusals are everyday; a fault of the rules is not. */
  #logFault(thrown: unknown, host: AppHost): void {
    if (!(thrown instanceof BerthError)) {
      this.#options.log('warn', 'app request failed', { app: appLabel(host), reason: String(thrown) });
    }
  }
}
