import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppHost, appLabel, portOf } from '../contracts/names.ts';
import { appAuthority, portAuthority } from '../contracts/wire.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { Destination, Opened } from '../core/gateway.ts';
import { AppPools } from './app-pools.ts';
import {
  cleanHeaders,
  isForeignAct,
  keepBetweenUs,
  keepUpgradeBetweenUs,
  originOf,
  type Served,
} from './app-request.ts';
import type { AppRights } from './app-rights.ts';
import { closeIfUnread } from './body.ts';
import { readCookie } from './cookies.ts';
import type { Link, Links } from './links.ts';
import type { Log } from './log.ts';
import type { OpenConnections } from './open-connections.ts';
import { notFoundPage, type Page, sendPage, silentPage, workspacePage } from './pages.ts';
import { isNavigation, refuseUpgrade, sendProblem } from './problems.ts';
import { proxyRequest, proxyUpgrade } from './proxy.ts';

export interface AppProxyOptions extends Served {
  rights: AppRights;
  links: Links;
  open: OpenConnections;
  portalUrl: string;
  log: Log;
}

const authorityOf = (app: AppHost['app']): string => {
  const port = portOf(app);
  return port === undefined ? appAuthority(app) : portAuthority(port);
};

const unreachable = (name: string) =>
  new BerthError('agent_unreachable', `The workspace ${name} is not running or not connected. See it in the portal.`);
const foreign = () =>
  new BerthError('forbidden', 'The request comes from another site’s page. Open the app itself and try there.');

/** Serves the apps of workspaces, each on its host, to those who may use it. */
export class AppProxy {
  readonly #options: AppProxyOptions;
  readonly #pools = new AppPools();

  constructor(options: AppProxyOptions) {
    this.#options = options;
  }

  async request(request: IncomingMessage, response: ServerResponse, host: AppHost): Promise<void> {
    try {
      if (isForeignAct(request, host, this.#options)) throw foreign();
      const { destination, access } = await this.#open(request, host);
      const link = await this.#linkTo(destination);
      // The browser went away: nobody would ever close what is opened now.
      if (response.destroyed) return;
      if (link === undefined) return this.#explain(request, response, destination);
      cleanHeaders(request, host, this.#options);
      keepBetweenUs(request);
      response.once(
        'close',
        this.#options.open.add(access, () => response.destroy()),
      );
      await proxyRequest(request, response, this.#pools.of(link, authorityOf(host.app), access.key));
    } catch (thrown) {
      this.#refuse(request, response, host, thrown);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, host: AppHost): Promise<void> {
    try {
      const { origin } = request.headers;
      if (origin !== undefined && origin !== originOf(host, this.#options)) throw foreign();
      const { destination, access } = await this.#open(request, host);
      const link = await this.#linkTo(destination);
      if (link === undefined) throw unreachable(destination.name);
      const stream = await link.connect(authorityOf(host.app));
      if (socket.destroyed) return void stream.destroy();
      cleanHeaders(request, host, this.#options);
      keepUpgradeBetweenUs(request);
      socket.once(
        'close',
        this.#options.open.add(access, () => socket.destroy()),
      );
      await proxyUpgrade(request, socket, head, stream);
    } catch (thrown) {
      this.#logFault(thrown, host);
      if (socket.writable) refuseUpgrade(socket, thrown);
    }
  }

  /** What the holder of the request's cookie may use. */
  #open(request: IncomingMessage, host: AppHost): Promise<Opened> {
    return this.#options.rights.open(readCookie(request.headers.cookie, this.#options.secure), host);
  }

  async #linkTo(destination: Destination): Promise<Link | undefined> {
    return destination.status === 'running' ? this.#options.links.to(destination) : undefined;
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
    closeIfUnread(response);
    response.writeHead(302, { location: `${this.#options.portalUrl}/open?${query}`, 'cache-control': 'no-store' });
    response.end();
  }

  #pageOf(error: BerthError, host: AppHost): Page {
    if (error.name === 'not_found') return notFoundPage;
    if (error.name === 'agent_unreachable') return silentPage(host.app);
    return { status: error.status, title: 'That did not work', text: error.message };
  }

  /** Refusals are everyday; a fault of the rules is not. */
  #logFault(thrown: unknown, host: AppHost): void {
    if (!(thrown instanceof BerthError)) {
      this.#options.log('warn', 'app request failed', { app: appLabel(host), reason: String(thrown) });
    }
  }
}
