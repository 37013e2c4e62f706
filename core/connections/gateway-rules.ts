import type { SessionKind } from '../../contracts/sessions/session.ts';
import { type AccessTarget, credentialKindOf, requireBrowserTarget } from '../access/browser-only.ts';
import { recentRevocations } from '../audit/revocations.ts';
import type { GatewayRules, Opened } from '../gateway.ts';
import { authenticate } from '../people/authenticate.ts';
import { loadPerson, requireActive } from '../people/person-record.ts';
import { auditRefusals } from '../people/refusals.ts';
import { requireLiveToken } from '../people/tokens.ts';
import { recordPersonEvents } from '../people/update-person.ts';
import type { Identity } from '../ports/identity.ts';
import type { Rules } from '../rules.ts';
import { mayRequestAcross } from '../sharing/audience.ts';
import { startupRunsOf } from '../workspaces/commands/startup.ts';
import { findWorkspace } from '../workspaces/store.ts';
import { recordActivity } from './agents/agent-activity.ts';
import { admitAgent } from './agents/agent-admission.ts';
import { type AgentVerifiers, authenticateAgent } from './agents/agent-authentication.ts';
import { buildNumberOf } from './agents/agent-build.ts';
import { recordConnection } from './agents/agent-connection.ts';
import { recordEvents } from './agents/agent-events.ts';
import type { Opener } from './agents/agent-git.ts';
import { hostKeyOf } from './agents/host-key.ts';
import { accessGrantFor, requireNotDeleted } from './sessions/access-grant.ts';
import { destinationOf, openApp, redeemAppTicket } from './sessions/app-sessions.ts';
import { redeemTicket, ticketRefused } from './sessions/tickets.ts';

/** What authenticates agents, and what decrypts the git keys that they receive. */
interface GatewayTrust extends AgentVerifiers {
  sealer: Opener;
}

/** The rules that the gateway calls. */
export const gatewayRules = (rules: Rules, identity: Identity, trust: GatewayTrust): GatewayRules => ({
  authenticateAgent: (request) => authenticateAgent(rules, trust, request),
  admitAgent: (token) => admitAgent(rules, trust, token),
  recordEvents: (agent, events) => recordEvents(rules, agent, events),
  recordConnection: (agent, connected, location) => recordConnection(rules, agent, connected, location),
  startupRuns: (agent) => startupRunsOf(rules, { workspaceId: agent.workspaceId, buildNumber: buildNumberOf(agent) }),
  recordActivity: (agent, at) => recordActivity(rules, agent, at),
  redeemAppTicket: (ticket, host) => redeemAppTicket(rules, ticket, host),
  openApp: (session, host) => openApp(rules, session, host),
  mayRequestAcross: (workspaceId, from, to) => mayRequestAcross(rules, workspaceId, from, to),
  openSession: async (credential, reference, kind) => {
    const opened = await ('ticket' in credential
      ? openByTicket(rules, credential.ticket, { reference, kind })
      : openByBearer(rules, identity, credential.bearer, { reference, kind }));
    return kind === 'ssh' ? withHostKey(opened, await trust.agentKey()) : opened;
  },
  recentRevocations: () => recentRevocations(rules, rules.clock()),
});

const withHostKey = ({ destination, grant: access }: Opened, agentKey: string): Opened => ({
  destination: { ...destination, hostKey: hostKeyOf(agentKey, destination.workspaceId).publicKey },
  grant: access,
});

interface SessionTarget {
  reference: string;
  kind: SessionKind;
}

const openByBearer = async (
  rules: Rules,
  identity: Identity,
  bearer: string,
  { reference, kind }: SessionTarget,
): Promise<Opened> => {
  const person = await authenticate(rules, identity, bearer);
  const target: AccessTarget = { kind: 'session', session: kind, credential: 'token' };
  const find = async () => {
    const found = await findWorkspace(rules, person, reference, 'use');
    requireBrowserTarget(target, found, rules.installation);
    return found;
  };
  const workspace = requireNotDeleted(await auditRefusals(rules, person, 'session', find));
  const auditEvent = { action: 'session.open' as const, actor: person, details: { workspace: workspace.id, kind } };
  await recordPersonEvents(rules, person.id, [auditEvent]);
  const holder = { personId: person.id, apiToken: person.apiToken };
  return { destination: destinationOf(workspace), grant: accessGrantFor(rules, workspace, holder, target) };
};

/** The ticket was audited when it was created. */
const openByTicket = async (rules: Rules, ticket: string, { reference, kind }: SessionTarget): Promise<Opened> => {
  const redeemed = await redeemTicket(rules.table, ticket, rules.clock());
  const person = await loadPerson(rules.table, redeemed.personId);
  if (person === undefined) throw ticketRefused();
  const target: AccessTarget = { kind: 'session', session: kind, credential: credentialKindOf(redeemed) };
  const find = async () => {
    if (redeemed.app !== undefined) throw ticketRefused(redeemed.workspaceId);
    await requireLiveToken(rules, redeemed.apiToken);
    const found = await findWorkspace(rules, requireActive(person, redeemed.workspaceId), reference, 'use');
    if (found.id !== redeemed.workspaceId) throw ticketRefused(found.id);
    requireBrowserTarget(target, found, rules.installation);
    return found;
  };
  const workspace = requireNotDeleted(await auditRefusals(rules, person, 'session', find));
  return { destination: destinationOf(workspace), grant: accessGrantFor(rules, workspace, redeemed, target) };
};
