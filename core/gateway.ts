import type { AgentAuthenticationRequest, AgentAuthenticationResponse } from '../contracts/agent/authentication.ts';
import type { AgentEvent, Manifest } from '../contracts/agent/tunnel.ts';
import type { SessionKind } from '../contracts/sessions/session.ts';
import type { AppHost } from '../contracts/values/names.ts';
import type { WorkspaceStatus } from '../contracts/workspaces/workspace.ts';

/** An agent that presented a valid token of its workspace's current build. */
export interface AgentSession {
  workspaceId: string;
  buildId: string;
  manifest: Manifest;
  /** The last event of this build in the table; the agent sends the events after it. */
  lastEvent: number;
  /** How old the recorded activity may get before it is written again, so that not every keystroke costs a write. */
  activityLagMs: number;
  /** Its startup script failed. The gateway updates it from the agent's events. */
  isUnhealthy: boolean;
}

/** A workspace that the person may use, as the gateway needs it. */
export interface Destination {
  workspaceId: string;
  /** Its newest build. An agent of an older build gets no requests, even while it is still connected. */
  buildId: string;
  name: string;
  status: WorkspaceStatus;
  apps: string[];
  /** See `AgentSession`. */
  activityLagMs: number;
  /** Owned by another person and shared with this one, who cannot start it. */
  isShared?: true;
  /** The public half of its SSH server's host key, for sessions of kind `ssh`. */
  hostKey?: string;
}

/** A permission that an open connection rests on, with a check that can be repeated. */
export interface AccessGrant {
  /** Equal for connections that the same check decides about, so that they share it. */
  key: string;
  /** Ids of the person and the workspace. A revocation that names one of them triggers a new check. */
  subjects: readonly string[];
  /** When the permission expires. */
  until?: Date;
  /**
   * Throws `unauthenticated`, `not_found`, `forbidden` or `wrong_state` once the permission is gone. Two or three gets
   * and no write, so that it may run every second.
   */
  recheck(): Promise<void>;
}

/** What was opened, and the permission that it rests on. */
export interface Opened {
  destination: Destination;
  grant: AccessGrant;
}

/** The gateway replica that has an agent's connection, and the connection's random id. */
export interface AgentLocation {
  replica: string;
  connection: string;
}

/** The credential for a session: a ticket from the portal, or a token. */
export type SessionCredential = { ticket: string } | { bearer: string };

/** The rules that the gateway calls. All refusals are `BerthError`s. */
export interface GatewayRules {
  /** Verifies an agent's proof of identity and returns the token of its build; otherwise throws `agent_refused`. */
  authenticateAgent(request: AgentAuthenticationRequest): Promise<AgentAuthenticationResponse>;
  /**
   * Checks an agent's token: `agent_refused` when it is not valid, `wrong_state` when its build is no longer the
   * workspace's (the agent should exit).
   */
  admitAgent(token: string): Promise<AgentSession>;
  /** Records events; a repeated event changes nothing. `wrong_state` when the build is no longer current. */
  recordEvents(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, events: readonly AgentEvent[]): Promise<void>;
  /**
   * Records that the agent's connection opened or closed. With `location`, other replicas find the agent there, or no
   * longer find it; a close after the agent has connected elsewhere changes nothing. Returns the previous location that
   * an opened connection replaces.
   */
  recordConnection(
    agent: Pick<AgentSession, 'workspaceId' | 'buildId'>,
    connected: boolean,
    location?: AgentLocation,
  ): Promise<AgentLocation | undefined>;
  /** How often people requested another run of a build's startup script. One get. */
  startupRuns(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>): Promise<number>;
  /** Moves the last activity forward (never back). */
  recordActivity(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, at: Date): Promise<void>;

  /**
   * Exchanges a ticket for an app session. The ticket must be unused, unexpired, and issued for this app; otherwise
   * `ticket_invalid`. Returns the app session's secret, for a host-only cookie.
   */
  redeemAppTicket(ticket: string, host: AppHost): Promise<{ session: string; expiresAt: Date }>;
  /**
   * The app behind a host, for the holder of an app session. `unauthenticated` when the session is missing, expired or
   * for another app; `not_found` when the person may not use the app or it does not exist.
   */
  openApp(session: string | undefined, host: AppHost): Promise<Opened>;
  /**
   * Whether pages of one app or port may send requests to another of the same workspace: everyone who may open the
   * first must be allowed to open the second.
   */
  mayRequestAcross(workspaceId: string, from: string, to: string): Promise<boolean>;
  /**
   * Opens a session of a kind, with a ticket issued for it or a bearer token (sign-in or API token).
   * `unauthenticated`, `ticket_invalid`, `not_found`, or `wrong_state` for a workspace that is being deleted.
   */
  openSession(credential: SessionCredential, workspace: string, kind: SessionKind): Promise<Opened>;
  /**
   * The people and workspaces named by revocations of the last seconds, by each revocation's key. One query however
   * many connections are open. Polled once a second, it misses none below 1,000 revocations in ten seconds.
   */
  recentRevocations(): Promise<ReadonlyMap<string, string>>;
}

/** A gateway replica, and its address for other replicas: `host:port`. */
export interface Replica {
  id: string;
  address: string;
  /** For people who read the table. */
  region?: string;
}

/**
 * A peer's request to the replica that presumably has a workspace's agent: a stream to an authority of the workspace.
 */
export interface PeerRequest {
  replica: string;
  workspaceId: string;
  /** The agent must be of this build. */
  buildId: string;
  authority: string;
}

/** How gateway replicas find and authenticate each other. */
export interface ReplicaRules {
  /** Renews the lease that shows a replica is alive. Call it every 10 s. */
  renewReplica(replica: Replica): Promise<void>;
  removeReplica(replica: Replica): Promise<void>;
  /** The live replica of an id, with the address that the replica itself wrote. */
  findReplica(id: string): Promise<Replica | undefined>;
  /** The live replica that has a workspace's agent, according to the table. Two gets. */
  findAgent(workspaceId: string): Promise<Replica | undefined>;
  /** A credential for one request to one replica, valid for some seconds. */
  signPeerRequest(request: PeerRequest): string;
  /** Whether a replica of this installation signed exactly this request within the last seconds. */
  isSignedPeerRequest(request: PeerRequest, credential: string): boolean;
}
