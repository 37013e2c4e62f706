import type { AgentEvent, Manifest } from '../contracts/agent.ts';
import type { AppHost } from '../contracts/names.ts';
import type { WorkspaceStatus } from '../contracts/workspace.ts';

/** An agent that showed a valid token of its workspace's current build. */
export interface AgentSession {
  workspaceId: string;
  buildId: string;
  manifest: Manifest;
  /** The last event of this build that the table holds; ask the agent for those after it. */
  lastEvent: number;
}

/** A workspace that the person may use, as the gateway needs it. */
export interface Destination {
  workspaceId: string;
  name: string;
  status: WorkspaceStatus;
  apps: string[];
}

/** What the gateway asks of the rules. All refusals are `BerthError`s. */
export interface GatewayRules {
  /**
   * Checks an agent's token: `agent_refused` when it is not valid, `wrong_state` when its build is no longer the
   * workspace's (the agent is to end itself).
   */
  admitAgent(token: string): Promise<AgentSession>;
  /** Writes events; those the table holds already change nothing. `wrong_state` when the build is no longer current. */
  recordEvents(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, events: readonly AgentEvent[]): Promise<void>;
  /** The agent's connection opened or closed. */
  recordConnection(agent: Pick<AgentSession, 'workspaceId' | 'buildId'>, connected: boolean): Promise<void>;
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
  openApp(session: string | undefined, host: AppHost): Promise<Destination>;
  /**
   * A terminal or exec session: by a ticket made for it, or by a bearer token (sign-in or API token).
   * `unauthenticated`, `ticket_invalid`, or `not_found`.
   */
  openSession(credential: { ticket: string } | { bearer: string }, workspace: string): Promise<Destination>;
}
