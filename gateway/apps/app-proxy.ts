import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '../../base/log.ts';
import { appAuthority, portAuthority } from '../../contracts/agent/wire.ts';
import { type AppHost, appLabel, portOf } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Destination, GatewayRules, Opened } from '../../core/gateway.ts';
import type { AppAccess } from '../access/app-access.ts';
import type { OpenConnections } from '../access/open-connections.ts';
import type { ActivityLog } from '../agents/activity.ts';
import type { AgentLink } from '../agents/agent-link.ts';
import { refuseUpgrade } from '../http/problems.ts';
import type { AgentLinks } from '../peers/agent-links.ts';
import { ConnectionPools } from './connection-pools.ts';
import { diagnoseFailure, sendAppFailure } from './failures.ts';
import { confirmForeignForm, isForeignForm } from './foreign-form.ts';
import { forwardRequest, forwardUpgrade } from './forward.ts';
import { noteNavigation } from './page-activity.ts';
import { isFault, notConnected, sendRefusal, sendWorkspaceStatus, toBerthError } from './refusals.ts';
import { type RequestHeaderOptions, requestHeaders, upgradeHeaders } from './request-headers.ts';
import { sourceOfRequest, sourceOfUpgrade } from './request-source.ts';
import { isReservedPath, serveReservedPath } from './reserved-paths.ts';
import { readSessionCookie } from './session-cookie.ts';

interface AppProxyOptions extends RequestHeaderOptions {
  rules: Pick<GatewayRules, 'redeemAppTicket'>;
  appAccess: AppAccess;
  activity: ActivityLog;
  links: AgentLinks;
  open: OpenConnections;
  portalUrl: string;
  /** How long the bodies that the gateway reads itself may take. */
  bodyTimeoutMs: number;
  log: Log;
}

const authorityOf = (app: AppHost['app']): string => {
  const port = portOf(app);
  return port === undefined ? appAuthority(app) : portAuthority(port);
};

const foreignSource = () =>
  new BerthError('forbidden', 'The request comes from a page of another site. Open the app and try again there.');

/** Forwards requests and WebSockets to the apps of workspaces. The README shows the order of the calls. */
export class AppProxy {
  readonly #options: AppProxyOptions;
  readonly #pools = new ConnectionPools();

  constructor(options: AppProxyOptions) {
    this.#options = options;
  }

  async request(request: IncomingMessage, response: ServerResponse, host: AppHost): Promise<void> {
    const { portalUrl, activity, open } = this.#options;
    if (isReservedPath(request)) return serveReservedPath(request, response, host, this.#options);
    let link: AgentLink | undefined;
    try {
      if (isForeignForm(request, this.#options))
        return await confirmForeignForm(request, response, host, this.#options);
      const source = sourceOfRequest(request, host, this.#options);
      const { destination, grant } = await this.#authorize(request, host, source);
      link = await this.#findLink(destination);
      // The browser left meanwhile: nothing would close a connection that is opened now.
      if (response.destroyed) return;
      if (link === undefined) return sendWorkspaceStatus(request, response, destination, portalUrl);
      noteNavigation(activity, request, destination);
      const stopWatching = open.add(grant, () => response.destroy());
      response.once('close', stopWatching);
      const headers = requestHeaders(request, host, this.#options);
      const pool = this.#pools.get(link, authorityOf(host.app), grant.key);
      await forwardRequest(request, response, headers, pool);
    } catch (thrown) {
      await this.#sendError(request, response, host, link, thrown);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, host: AppHost): Promise<void> {
    try {
      const source = sourceOfUpgrade(request, host, this.#options);
      const { destination, grant } = await this.#authorize(request, host, source);
      const link = await this.#findLink(destination);
      if (link === undefined) throw notConnected(destination.name);
      const stream = await link.connect(authorityOf(host.app));
      if (socket.destroyed) return void stream.destroy();
      const stopWatching = this.#options.open.add(grant, () => socket.destroy());
      socket.once('close', stopWatching);
      const headers = upgradeHeaders(request, host, this.#options);
      await forwardUpgrade(request, socket, head, stream, { headers });
    } catch (thrown) {
      this.#logFault(thrown, host);
      if (socket.writable) refuseUpgrade(socket, toBerthError(thrown));
    }
  }

  /** What the holder of the session cookie may open at a host, with a request from the page of `source`. */
  async #authorize({ headers }: IncomingMessage, host: AppHost, source: AppHost['app'] | undefined): Promise<Opened> {
    const { appAccess, secure } = this.#options;
    if (source === undefined) throw foreignSource();
    const opened = await appAccess.open(readSessionCookie(headers.cookie, secure), host);
    await this.#requireMayAct(opened.destination, source, host.app);
    return opened;
  }

  /**
   * Without this check a person who may open one app could act in another one, with the sessions of people who may open
   * both.
   */
  async #requireMayAct({ workspaceId }: Destination, from: AppHost['app'], to: AppHost['app']): Promise<void> {
    if (from === to || (await this.#options.appAccess.mayRequestAcross(workspaceId, from, to))) return;
    throw new BerthError(
      'forbidden',
      `Pages of ${from} may not use ${to}, because ${from} is shared with people who may not open ${to}. Share ${to} with them too, or let the server of ${from} make the request.`,
    );
  }

  async #findLink(destination: Destination): Promise<AgentLink | undefined> {
    return destination.status === 'running' ? this.#options.links.find(destination) : undefined;
  }

  async #sendError(
    request: IncomingMessage,
    response: ServerResponse,
    host: AppHost,
    link: AgentLink | undefined,
    thrown: unknown,
  ): Promise<void> {
    // The browser left, or has received a part of the response, which cannot be taken back.
    if (response.destroyed || response.headersSent) return void response.destroy();
    const failure = link && (await diagnoseFailure(link, authorityOf(host.app), thrown));
    if (response.destroyed) return;
    // For `refused` the page of the error itself names the remedy.
    if (failure !== undefined && failure !== 'refused') return sendAppFailure(request, response, host.app, failure);
    this.#logFault(thrown, host);
    sendRefusal(request, response, host, toBerthError(thrown), this.#options.portalUrl);
  }

  #logFault(thrown: unknown, host: AppHost): void {
    if (isFault(thrown)) this.#options.log('error', 'app request failed', { app: appLabel(host), error: thrown });
  }
}
