import type { AgentAuthenticationRequest, AgentAuthenticationResponse } from '../../contracts/agent/authentication.ts';
import type { AgentEvent, Manifest } from '../../contracts/agent/tunnel.ts';
import { type AppHost, appLabel } from '../../contracts/values/names.ts';
import type { WorkspaceStatus } from '../../contracts/workspaces/workspace.ts';
import { BerthError } from '../../core/errors.ts';
import type { AgentSession, Destination, GatewayRules, Opened, SessionCredential } from '../../core/gateway.ts';

export interface TestWorkspace {
  id: string;
  name: string;
  owner: string;
  token: string;
  status: WorkspaceStatus;
  manifest: Manifest;
  /** The build is no longer the workspace's current one. */
  over: boolean;
}

const refused = (name: 'agent_refused' | 'wrong_state' | 'unauthenticated' | 'ticket_invalid' | 'not_found') =>
  new BerthError(name, `Refused by the test: ${name}.`);

/** The token that the workspace's compute receives for its agent. */
export const oneTimeTokenOf = ({ id }: Pick<TestWorkspace, 'id'>): string => `one-time-token-of-${id}`;

/** A double of the rules: everything in memory, with settings for failures of the table. */
export class TestRules implements GatewayRules {
  readonly workspaces: TestWorkspace[] = [];
  readonly events: AgentEvent[] = [];
  readonly connections: boolean[] = [];
  readonly activity: Date[] = [];
  readonly appTickets = new Map<string, string>();
  readonly appSessions = new Map<string, string>();
  /** With whom apps and ports are shared; one without an entry is not shared. */
  readonly audiences = new Map<string, string>();
  readonly sessionTickets = new Map<string, string>();
  readonly bearers = new Map<string, string>();
  /** How often startup scripts were requested to run again. */
  runs = 0;
  /** The number of access checks of open connections. */
  checks = 0;
  /** How many more writes of events fail, as in an outage of the table. */
  failures = 0;

  #workspace({ workspaceId }: Pick<AgentSession, 'workspaceId'>): TestWorkspace {
    const found = this.workspaces.find(({ id }) => id === workspaceId);
    if (found === undefined || found.over) throw refused('wrong_state');
    return found;
  }

  async authenticateAgent(request: AgentAuthenticationRequest): Promise<AgentAuthenticationResponse> {
    const found = this.workspaces.find(({ id }) => id === request.workspaceId);
    if (found === undefined || request.kind !== 'one-time') throw refused('agent_refused');
    if (request.token !== oneTimeTokenOf(found)) throw refused('agent_refused');
    return { token: found.token };
  }

  async admitAgent(token: string): Promise<AgentSession> {
    const found = this.workspaces.find((workspace) => workspace.token === token);
    if (found === undefined) throw refused('agent_refused');
    if (found.over) throw refused('wrong_state');
    const lastEvent = this.events.at(-1)?.seq ?? 0;
    return {
      workspaceId: found.id,
      buildId: found.manifest.build,
      manifest: found.manifest,
      lastEvent,
      activityLagMs: 0,
      isUnhealthy: false,
    };
  }

  async recordEvents(agent: Pick<AgentSession, 'workspaceId'>, events: readonly AgentEvent[]): Promise<void> {
    this.#workspace(agent);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the table is down');
    }
    this.events.push(...events);
  }

  async startupRuns(): Promise<number> {
    return this.runs;
  }

  async recordConnection(agent: Pick<AgentSession, 'workspaceId'>, connected: boolean): Promise<undefined> {
    this.#workspace(agent);
    this.connections.push(connected);
  }

  async recordActivity(_agent: Pick<AgentSession, 'workspaceId'>, at: Date): Promise<void> {
    this.activity.push(at);
  }

  async redeemAppTicket(ticket: string, host: AppHost): Promise<{ session: string; expiresAt: Date }> {
    if (this.appTickets.get(ticket) !== appLabel(host)) throw refused('ticket_invalid');
    this.appTickets.delete(ticket);
    const session = `session-of-${appLabel(host)}`;
    this.appSessions.set(session, appLabel(host));
    return { session, expiresAt: new Date(Date.now() + 60_000) };
  }

  async openApp(session: string | undefined, host: AppHost): Promise<Opened> {
    const open = () => {
      if (session === undefined || this.appSessions.get(session) !== appLabel(host)) throw refused('unauthenticated');
      return this.#destination(host.workspace, host.owner);
    };
    return this.#opened(open, `${session}`);
  }

  async openSession(credential: SessionCredential, workspace: string): Promise<Opened> {
    const owner =
      'bearer' in credential ? this.bearers.get(credential.bearer) : this.sessionTickets.get(credential.ticket);
    if (owner === undefined) throw refused('bearer' in credential ? 'unauthenticated' : 'ticket_invalid');
    if ('ticket' in credential) this.sessionTickets.delete(credential.ticket);
    const open = () => {
      if ('bearer' in credential && !this.bearers.has(credential.bearer)) throw refused('unauthenticated');
      return this.#destination(workspace, owner);
    };
    return this.#opened(open, owner);
  }

  async mayRequestAcross(_workspaceId: string, from: string, to: string): Promise<boolean> {
    this.checks += 1;
    const audience = this.audiences.get(from);
    return audience === undefined || audience === this.audiences.get(to);
  }

  async recentRevocations(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }

  #opened(open: () => Destination, key: string): Opened {
    const recheck = async () => {
      this.checks += 1;
      open();
    };
    return { destination: open(), grant: { key, subjects: [key], recheck } };
  }

  #destination(name: string, owner: string): Destination {
    const found = this.workspaces.find((one) => (one.name === name || one.id === name) && one.owner === owner);
    if (found === undefined) throw refused('not_found');
    const apps = found.manifest.apps.map((app) => app.name);
    return {
      workspaceId: found.id,
      buildId: found.manifest.build,
      name: found.name,
      status: found.status,
      apps,
      activityLagMs: 0,
    };
  }
}
