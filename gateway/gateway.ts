import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import { agentAuthenticationPath } from '../contracts/agent/wire.ts';
import type { GatewayRules, ReplicaRules } from '../core/gateway.ts';
import { tuneGarbageCollection } from '../tunnel/gc-tuning.ts';
import { AppAccess } from './access/app-access.ts';
import { OpenConnections } from './access/open-connections.ts';
import { accessMaxAgeMs, watchRevocations } from './access/revocations.ts';
import { ActivityLog, pullActivity } from './agents/activity.ts';
import { createAdmission } from './agents/admission.ts';
import { Agents } from './agents/agents.ts';
import { defaultHeartbeatMs } from './agents/heartbeat.ts';
import { watchStartupRuns } from './agents/startup-runs.ts';
import { AppProxy } from './apps/app-proxy.ts';
import { defaultBodyTimeoutMs } from './http/body.ts';
import { isBelowAppDomain } from './http/host.ts';
import { createAgentLinks } from './peers/agent-links.ts';
import { PeerServer } from './peers/peer-server.ts';
import { Peers } from './peers/peers.ts';
import { createRouter } from './router.ts';

export interface GatewayOptions {
  rules: GatewayRules;
  /** The domain below which apps have their hosts, with its port unless that is the default: `localhost:8080`. */
  appDomain: string;
  /** The portal's URL without a trailing slash. */
  portalUrl: string;
  /** Browsers reach the gateway by https: cookies are `__Host-` and Secure. */
  secureCookies: boolean;
  /** The interval at which the agents' activity is requested; default 5 s. */
  activityEveryMs?: number;
  /**
   * The interval at which the access grant of each open connection is checked, at two gets for each person who has one.
   * Revocations are polled independently of it. Default 900 ms.
   */
  recheckEveryMs?: number;
  /** How long the bodies that the gateway reads itself may take; default 10 s. */
  bodyTimeoutMs?: number;
  /** The interval of pings to each agent; default 2 s. */
  heartbeatMs?: number;
  /**
   * Whether a bearer token sent to an app is one of Berth's, and so is removed; by default if it begins with `berth_`.
   */
  isBerthToken?: (token: string) => boolean;
  /** A trusted load balancer appends the client's address to X-Forwarded-For. */
  behindLoadBalancer?: boolean;
  /** This replica's id, and the rules by which it finds the others; absent if this gateway is the only one. */
  replicas?: { rules: ReplicaRules; self: string };
  log: Log;
}

export interface Gateway {
  /**
   * Whether a request is for the gateway: on an app's host (or a misspelled one), or the authentication of an agent.
   */
  handles(request: Pick<IncomingMessage, 'headers' | 'url'>): boolean;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Handles an upgrade on an app's host, of an agent or of a session; returns `false` for any other. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The workspaces whose agents are connected. */
  connected(): string[];
  /** Closes the connection of a workspace's agent, and with it everything that is open through it. */
  disconnect(workspaceId: string): void;
  /** The server for the other replicas, which does not listen yet. Absent if this gateway is the only one. */
  peerServer?: PeerServer;
  /** Refuses new agents and sessions, and asks the connected agents to reconnect elsewhere. Open connections stay. */
  leave(): void;
  /**
   * Does the same as `leave`, and waits until people have closed their connections, for at most `graceMs`; then closes
   * what is left. Call `close` afterwards.
   */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How often a draining gateway checks whether all connections are closed. */
const drainPollMs = 50;

const hasBerthPrefix = (token: string): boolean => token.startsWith('berth_');

/** Creates the parts of the gateway and connects them. */
const assemble = (options: GatewayOptions) => {
  const { rules, log, replicas, appDomain, portalUrl, secureCookies: secure } = options;
  const peers = replicas && new Peers(replicas);
  const agents = new Agents({
    rules,
    log,
    replica: replicas?.self,
    onMoved: async (workspaceId, from) => peers?.release(workspaceId, from),
  });
  const appAccess = new AppAccess(rules);
  const activity = new ActivityLog(rules, log);
  const shared = {
    rules,
    log,
    links: createAgentLinks(agents, peers),
    open: new OpenConnections(options.recheckEveryMs ?? accessMaxAgeMs),
    appDomain,
    portalUrl,
    bodyTimeoutMs: options.bodyTimeoutMs ?? defaultBodyTimeoutMs,
  };
  const { isBerthToken = hasBerthPrefix, behindLoadBalancer = false } = options;
  const apps = new AppProxy({ ...shared, appAccess, activity, secure, isBerthToken, behindLoadBalancer });
  const heartbeatMs = options.heartbeatMs ?? defaultHeartbeatMs;
  const admitAgent = createAdmission(rules, agents, { appDomain, secure }, heartbeatMs, log);
  return {
    agents,
    peers,
    open: shared.open,
    appAccess,
    activity,
    router: createRouter({ ...shared, apps, admitAgent }),
    peerServer: replicas && new PeerServer({ ...replicas, agents, log }),
  };
};

/** The data plane: connects browsers and terminals to the agents of workspaces. It does not listen itself. */
export const createGateway = (options: GatewayOptions): Gateway => {
  tuneGarbageCollection();
  const { rules, appDomain, log } = options;
  const { agents, peers, peerServer, open, appAccess, activity, router } = assemble(options);
  const stopStartups = watchStartupRuns(agents, rules, log);
  const stopPulling = pullActivity(agents, activity, options.activityEveryMs ?? 5_000, log);
  const watched = {
    get count() {
      return open.count + appAccess.count;
    },
    recheck: (subjects: ReadonlySet<string>) => {
      appAccess.clear();
      open.recheck(subjects);
    },
  };
  const stopWatching = watchRevocations(rules, watched, log);
  const leave = () => {
    router.drain();
    agents.drain();
  };
  const report = (thrown: unknown) => log('error', 'the gateway failed', { error: thrown });

  return {
    handles: ({ headers, url }) => isBelowAppDomain(headers.host, appDomain) || url === agentAuthenticationPath,
    request: (incoming, response) => void router.request(incoming, response).catch(report),
    upgrade: (incoming, socket, head) => {
      const handled = router.upgrade(incoming, socket, head);
      // A client may disconnect while its access is checked, which is no fault.
      if (handled !== undefined) socket.on('error', () => socket.destroy());
      handled?.catch(report);
      return handled !== undefined;
    },
    connected: () => agents.all().map(({ session }) => session.workspaceId),
    disconnect: (workspaceId) => agents.disconnect(workspaceId),
    ...(peerServer === undefined ? {} : { peerServer }),
    leave,
    drain: async (graceMs) => {
      leave();
      const deadline = Date.now() + graceMs;
      while (open.count + (peerServer?.count ?? 0) > 0 && Date.now() < deadline) await after(drainPollMs);
      open.closeAll();
    },
    close: async () => {
      stopPulling();
      await stopStartups();
      stopWatching();
      await agents.close();
      peers?.close();
      peerServer?.close();
    },
  };
};
