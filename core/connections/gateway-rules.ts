import type { SessionKind } from '../../contracts/session.ts';
import type { GatewayRules, Opened } from '../gateway.ts';
import { recordPersonActs } from '../people/acts.ts';
import { authenticate } from '../people/authenticate.ts';
import { loadPerson, requireActive } from '../people/people.ts';
import { auditingRefusals } from '../people/refusals.ts';
import { isApiToken } from '../people/tokens.ts';
import type { Identity } from '../ports.ts';
import { lastRevocations } from '../revocations.ts';
import type { Rules } from '../rules.ts';
import { findWorkspace } from '../workspaces/store.ts';
import { accessOf, requireKept } from './access.ts';
import { admitAgent, recordActivity, recordConnection, recordEvents } from './agents.ts';
import { destinationOf, openApp, takeAppTicket } from './app-sessions.ts';
import { type AgentTrust, signOn } from './sign-on.ts';
import { takeTicket, ticketRefused } from './tickets.ts';

/** The rules as the gateway asks them. */
export const gatewayRules = (rules: Rules, identity: Identity, trust: AgentTrust): GatewayRules => ({
  signOn: (request) => signOn(rules, trust, request),
  admitAgent: (token) => admitAgent(rules, trust.agentKey, token),
  recordEvents: (agent, events) => recordEvents(rules, agent, events),
  recordConnection: (agent, connected, place) => recordConnection(rules, agent, connected, place),
  recordActivity: (agent, at) => recordActivity(rules, agent, at),
  takeAppTicket: (ticket, host) => takeAppTicket(rules, ticket, host),
  openApp: (session, host) => openApp(rules, session, host),
  openSession: (credential, reference, kind) =>
    'ticket' in credential
      ? openByTicket(rules, credential.ticket, reference)
      : openByBearer(rules, identity, credential.bearer, { reference, kind }),
  lastRevocations: () => lastRevocations(rules.table, rules.clock()),
});

interface Wanted {
  reference: string;
  kind: SessionKind;
}

const openByBearer = async (
  rules: Rules,
  identity: Identity,
  bearer: string,
  { reference, kind }: Wanted,
): Promise<Opened> => {
  const person = await authenticate(rules, identity, bearer);
  const find = () => findWorkspace(rules.table, person, reference, 'use');
  const workspace = requireKept(await auditingRefusals(rules, person, 'session', find));
  const act = { action: 'session.open' as const, actor: person, details: { workspace: workspace.id, kind } };
  await recordPersonActs(rules, person.id, [act]);
  const holder = { personId: person.id, ...(isApiToken(bearer) ? { apiToken: bearer } : {}) };
  return { destination: destinationOf(workspace), access: accessOf(rules, workspace.id, holder) };
};

/** A ticket was audited when it was made. */
const openByTicket = async (rules: Rules, ticket: string, reference: string): Promise<Opened> => {
  const taken = await takeTicket(rules.table, ticket, rules.clock());
  const person = await loadPerson(rules.table, taken.personId);
  if (person === undefined) throw ticketRefused();
  const find = async () => {
    if (taken.app !== undefined) throw ticketRefused(taken.workspaceId);
    const found = await findWorkspace(rules.table, requireActive(person, taken.workspaceId), reference, 'use');
    if (found.id !== taken.workspaceId) throw ticketRefused(found.id);
    return found;
  };
  const workspace = requireKept(await auditingRefusals(rules, person, 'session', find));
  return { destination: destinationOf(workspace), access: accessOf(rules, workspace.id, { personId: person.id }) };
};
