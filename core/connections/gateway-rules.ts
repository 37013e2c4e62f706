import type { GatewayRules } from '../gateway.ts';
import { recordPersonActs } from '../people/acts.ts';
import { authenticate } from '../people/authenticate.ts';
import { loadPerson, requireActive } from '../people/people.ts';
import { auditingRefusals } from '../people/refusals.ts';
import type { Identity } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { findWorkspace } from '../workspaces/store.ts';
import { admitAgent, recordActivity, recordConnection, recordEvents } from './agents.ts';
import { destinationOf, openApp, takeAppTicket } from './app-sessions.ts';
import { takeTicket, ticketRefused } from './tickets.ts';

/** The rules as the gateway asks them. */
export const gatewayRules = (rules: Rules, identity: Identity): GatewayRules => ({
  admitAgent: (token) => admitAgent(rules, token),
  recordEvents: (agent, events) => recordEvents(rules, agent, events),
  recordConnection: (agent, connected) => recordConnection(rules, agent, connected),
  recordActivity: (agent, at) => recordActivity(rules, agent, at),
  takeAppTicket: (ticket, host) => takeAppTicket(rules, ticket, host),
  openApp: (session, host) => openApp(rules, session, host),
  openSession: async (credential, reference) => {
    if ('ticket' in credential) return openByTicket(rules, credential.ticket, reference);
    const person = await authenticate(rules, identity, credential.bearer);
    const find = () => findWorkspace(rules.table, person, reference, 'use');
    const workspace = await auditingRefusals(rules, person, 'session', find);
    const act = { action: 'session.open' as const, actor: person, details: { workspace: workspace.id } };
    await recordPersonActs(rules, person.id, [act]);
    return destinationOf(workspace);
  },
});

/** A ticket was audited when it was made. */
const openByTicket = async (rules: Rules, ticket: string, reference: string) => {
  const taken = await takeTicket(rules.table, ticket, rules.clock());
  if (taken.app !== undefined) throw ticketRefused();
  const person = requireActive(await loadPerson(rules.table, taken.personId));
  const workspace = await findWorkspace(rules.table, person, reference, 'use');
  if (workspace.id !== taken.workspaceId) throw ticketRefused();
  return destinationOf(workspace);
};
