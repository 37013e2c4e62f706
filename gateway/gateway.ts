import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { signOnPath } from '../contracts/wire.ts';
import type { GatewayRules, ReplicaRules } from '../core/gateway.ts';
import { collectPiecesCheaply } from '../tunnel/garbage.ts';
import { pullActivity } from './activity.ts';
import { createAdmission } from './admission.ts';
import { Agents } from './agents.ts';
import { AppProxy } from './app-proxy.ts';
import { AppRights } from './app-rights.ts';
import { bodyWithinMs } from './body.ts';
import { beatMs } from './heartbeat.ts';
import { isBelow } from './host.ts';
import { linksOf } from './links.ts';
import type { Log } from './log.ts';
import { OpenConnections } from './open-connections.ts';
import { PeerServer } from './peer-server.ts';
import { Peers } from './peers.ts';
import { watchRevocations, withinASecondMs } from './revocations.ts';
import { createTraffic } from './traffic.ts';

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
  /**
   * How often each right that holds something open is asked about, beside the watch for what is taken away, which tells
   * within a second: two gets for each person at work. 900 ms.
   */
  recheckEveryMs?: number;
  /** How long the body of a sign-on and of the form that opens an app may take, in ms; 10 s. */
  bodyWithinMs?: number;
  /** How often an agent is pinged; 2 s. */
  heartbeatMs?: number;
  /** Whether a bearer token sent to an app is one of Berth's, which is taken out; by default what begins with `berth_`. */
  isOwnToken?: (token: string) => boolean;
  /** A load balancer of ours stands before the gateway, whose word on where a request came from counts. */
  behindLoadBalancer?: boolean;
  /** Other replicas, through the same table, and this one's id; left out, this gateway is alone. */
  replicas?: { rules: ReplicaRules; self: string };
  log: Log;
}

export interface Gateway {
  /** Whether a request is the gateway's: its host is an app's (or tries to be), or an agent signs on. */
  handles(request: Pick<IncomingMessage, 'headers' | 'url'>): boolean;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Takes an upgrade on an app's host, of an agent or of a session; `false` for one that is not its own. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Workspaces whose agents are connected. */
  connected(): string[];
  /** Cuts a workspace's agent off, and everything open through it. */
  disconnect(workspaceId: string): void;
  /** For the other replicas; to be made to listen. Absent when this gateway is alone. */
  peerServer?: PeerServer;
  /** Takes no new agents and sessions, and sends the agents to other replicas; what is open stays. */
  leave(): void;
  /**
   * Takes no new agents and sessions, sends the agents to other replicas, and waits until what people have open has
   * ended, `graceMs` at the most; then ends it. To be followed by `close`.
   */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How often a gateway that drains looks whether all is closed. */
const drainEveryMs = 50;

const berthToken = (token: string): boolean => token.startsWith('berth_');

/** What the gateway is made of. */
const assemble = (options: GatewayOptions) => {
  const { rules, log, replicas } = options;
  const peers = replicas && new Peers(replicas);
  const agents = new Agents({
    rules,
    log,
    replica: replicas?.self,
    moved: async (workspaceId, from) => peers?.release(workspaceId, from),
  });
  const shared = {
    rules,
    log,
    links: linksOf(agents, peers),
    open: new OpenConnections(options.recheckEveryMs ?? withinASecondMs),
  };
  const rights = new AppRights(rules);
  const { appDomain, portalUrl, secureCookies: secure, isOwnToken = berthToken, behindLoadBalancer = false } = options;
  const traffic = createTraffic({
    ...shared,
    appDomain,
    portalUrl,
    secure,
    bodyWithinMs: options.bodyWithinMs ?? bodyWithinMs,
    apps: new AppProxy({ ...shared, rights, appDomain, portalUrl, secure, isOwnToken, behindLoadBalancer }),
    admit: createAdmission(rules, agents, options.heartbeatMs ?? beatMs, log),
  });
  return {
    agents,
    peers,
    open: shared.open,
    rights,
    traffic,
    peerServer: replicas && new PeerServer({ ...replicas, agents, log }),
  };
};

/** The data plane: takes agents in, and brings browsers and terminals to the right one. Listens nowhere itself. */
export const createGateway = (options: GatewayOptions): Gateway => {
  collectPiecesCheaply();
  const { rules, appDomain, log } = options;
  const { agents, peers, peerServer, open, rights, traffic } = assemble(options);
  const stopPulling = pullActivity(agents, rules, options.activityEveryMs ?? 5_000, log);
  const watched = {
    get count() {
      return open.count + rights.count;
    },
    askAbout: (subjects: ReadonlySet<string>) => {
      rights.forget();
      open.askAbout(subjects);
    },
  };
  const stopWatching = watchRevocations(rules, watched, log);
  const leave = () => {
    traffic.takeNoMore();
    agents.sendElsewhere();
  };
  const report = (thrown: unknown) => log('error', 'the gateway failed', { reason: String(thrown) });

  return {
    handles: ({ headers, url }) => isBelow(headers.host, appDomain) || url === signOnPath,
    request: (incoming, response) => void traffic.request(incoming, response).catch(report),
    upgrade: (incoming, socket, head) => {
      const taken = traffic.upgrade(incoming, socket, head);
      // A client that goes away while it is being asked about is no fault.
      if (taken !== undefined) socket.on('error', () => socket.destroy());
      taken?.catch(report);
      return taken !== undefined;
    },
    connected: () => agents.all().map(({ session }) => session.workspaceId),
    disconnect: (workspaceId) => agents.disconnect(workspaceId),
    ...(peerServer === undefined ? {} : { peerServer }),
    leave,
    drain: async (graceMs) => {
      leave();
      const end = Date.now() + graceMs;
      while (open.count + (peerServer?.count ?? 0) > 0 && Date.now() < end) await after(drainEveryMs);
      open.endAll();
    },
    close: async () => {
      stopPulling();
      stopWatching();
      await agents.close();
      peers?.close();
      peerServer?.close();
    },
  };
};
