import type { AgentEvent, Manifest, SignOnAnswer, SignOnRequest } from '../contracts/agent.ts';
import type { AppHost } from '../contracts/names.ts';
import type { SessionKind } from '../contracts/session.ts';
import type { WorkspaceStatus } from '../contracts/workspace.ts';

/** An agent that showed a valid token of its workspace's current build. */
export interface AgentSession {
  workspaceId: string;
  buildId: string;
  manifest: Manifest;
  /** The last event of this build that the table holds; ask the agent for those after it. */
  lastEvent: number;
  /** How far the activity that is written down may lie behind, so that no keystroke of a day costs a write. */
  activityLagMs: number;
}

/** A workspace that the person may use, as the gateway needs it. */
export interface Destination {
  workspaceId: string;
  /** Its newest build: no agent of an older one is handed anything of a person's, connected though it may still be. */
  buildId: string;
  name: string;
  status: WorkspaceStatus;
  apps: string[];
  /** It is another's, and only shared: the person cannot start it. */
  isShared?: true;
  /** The public half of its SSH server's host key; told to a session of the kind `ssh`. */
  hostKey?: string;
}

/** A right that was given, to be asked about again for as long as something is open by it. */
export interface Access {
  /** The same for all connections that stand and fall together, so that they share one question. */
  key: string;
  /** Ids of the person and the workspace: what is taken away of either may end it. */
  subjects: readonly string[];
  /** The right ends by itself then. */
  until?: Date;
  /**
   * Throws the refusal once the right is gone: `unauthenticated`, `not_found`, `forbidden` or `wrong_state`. Two or three
   * gets; writes nothing, so that it may be asked every second.
   */
  stillAllowed(): Promise<void>;
}

/** What was opened, and by what right. */
export interface Opened {
  destination: Destination;
  access: Access;
}

/** One connection of an agent: which replica of the gateway holds it, and the connection's own random id. */
export interface Place {
  replica: string;
  connection: string;
}

/** By what a person opens a session: a ticket that the portal got for them, or a token of theirs. */
export type SessionCredential = { ticket: string } | { bearer: string };

/** What the gateway asks of the rules. All refusals are `BerthError`s. */
export interface GatewayRules {
  /** Checks what an agent's platform says of it and answers the token of its build; else `agent_refused`. */
  signOn(request: SignOnRequest): Promise<SignOnAnswer>;
  /**
   * Checks an agent's token: `agent_refused` when it is not valid, `wrong_state` when its build is no longer the
   * workspace's (the agent is to end itself).
   */
  admitAgent(token: string): Promise<AgentSession>;
  /** Writes events; those the table holds already change nothing. `wrong_state` when the build is no longer current. */
  recordEvents(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, events: readonly AgentEvent[]): Promise<void>;
  /**
   * The agent's connection opened or closed. With `place` other replicas find it there from now on, or no more; a close
   * that comes after the agent connected elsewhere says nothing. Answers the place that an opened one took over from.
   */
  recordConnection(
    agent: Pick<AgentSession, 'workspaceId' | 'buildId'>,
    connected: boolean,
    place?: Place,
  ): Promise<Place | undefined>;
  /** Moves the last activity forward (never back). */
  recordActivity(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, at: Date): Promise<void>;

  /**
   * Takes a ticket made for this app: used once, in time, for no other app. `ticket_invalid` otherwise.
   * The answer is an app session's secret, to be kept in a host-only cookie.
   */
  takeAppTicket(ticket: string, host: AppHost): Promise<{ session: string; expiresAt: Date }>;
  /**
   * The app behind a host, for the holder of an app session. `unauthenticated` when the session is missing, over or
   * of another app; `not_found` when the person may not use it (any more) or there is no such app.
   */
  openApp(session: string | undefined, host: AppHost): Promise<Opened>;
  /**
   * A session of a kind: by a ticket made for it, or by a bearer token (sign-in or API token).
   * `unauthenticated`, `ticket_invalid`, `not_found`, or `wrong_state` for a workspace that is being deleted.
   */
  openSession(credential: SessionCredential, workspace: string, kind: SessionKind): Promise<Opened>;
  /**
   * Of whom (people, workspaces) something was taken away in the last seconds, by a key per act. One query, whatever is
   * open; asked once a second it tells every act.
   */
  lastRevocations(): Promise<ReadonlyMap<string, string>>;
}

/** A replica of the gateway, and where the others reach it: `host:port`. */
export interface Replica {
  id: string;
  address: string;
  /** Where it stands, for whoever looks into the table. */
  region?: string;
}

/** What a peer asks for: a stream to an authority of a workspace, of the replica that is thought to hold its agent. */
export interface PeerRequest {
  replica: string;
  workspaceId: string;
  /** The agent must be of this build. */
  buildId: string;
  authority: string;
}

/** How replicas of the gateway find and trust each other. */
export interface ReplicaRules {
  /** Says that a replica lives; to be said again every 10 s. */
  keepReplica(replica: Replica): Promise<void>;
  removeReplica(replica: Replica): Promise<void>;
  /** The living replica of an id. The address is what that replica itself wrote. */
  findReplica(id: string): Promise<Replica | undefined>;
  /** The living replica that holds a workspace's agent, as far as the table knows. Two gets. */
  findAgent(workspaceId: string): Promise<Replica | undefined>;
  /** A credential for one request to one replica, good for some seconds. */
  signPeer(request: PeerRequest): string;
  /** Whether a replica of this installation signed this very request a moment ago. */
  isFromPeer(request: PeerRequest, credential: string): boolean;
}
