import type { SessionKind } from '../../contracts/session.ts';
import { byOf, refuseDirect, type Way } from '../browser-only.ts';
import type { GatewayRules, Opened } from '../gateway.ts';
import { recordPersonActs } from '../people/acts.ts';
import { authenticate } from '../people/authenticate.ts';
import { loadPerson, requireActive } from '../people/people.ts';
import { auditingRefusals } from '../people/refusals.ts';
import { requireLiveToken } from '../people/tokens.ts';
import type { Identity } from '../ports.ts';
import { lastRevocations } from '../revocations.ts';
import type { Rules } from '../rules.ts';
import { findWorkspace } from '../workspaces/store.ts';
import { accessOf, requireKept } from './access.ts';
import { recordActivity } from './agent-activity.ts';
import { admitAgent } from './agent-admission.ts';
import { recordConnection } from './agent-connection.ts';
import { recordEvents } from './agent-events.ts';
import type { Opener } from './agent-git.ts';
import { destinationOf, openApp, takeAppTicket } from './app-sessions.ts';
import { hostKeyOf } from './host-key.ts';
import { type AgentTrust, signOn } from './sign-on.ts';
import { takeTicket, ticketRefused } from './tickets.ts';

/** By what agents are known, and what opens the keys that are for them. */
export interface GatewayTrust extends AgentTrust {
  sealer: Opener;
}

/** The rules as the gateway asks them. */
export const gatewayRules = (rules: Rules, identity: Identity, trust: GatewayTrust): GatewayRules => ({
  signOn: (request) => signOn(rules, trust, request),
  admitAgent: (token) => admitAgent(rules, trust, token),
  recordEvents: (agent, events) => recordEvents(rules, agent, events),
  recordConnection: (agent, connected, place) => recordConnection(rules, agent, connected, place),
  recordActivity: (agent, at) => recordActivity(rules, agent, at),
  takeAppTicket: (ticket, host) => takeAppTicket(rules, ticket, host),
  openApp: (session, host) => openApp(rules, session, host),
  openSession: async (credential, reference, kind) => {
    const opened = await ('ticket' in credential
      ? openByTicket(rules, credential.ticket, { reference, kind })
      : openByBearer(rules, identity, credential.bearer, { reference, kind }));
    return kind === 'ssh' ? withHostKey(opened, await trust.agentKey()) : opened;
  },
  lastRevocations: () => lastRevocations(rules.table, rules.clock()),
});

const withHostKey = ({ destination, access }: Opened, agentKey: string): Opened => ({
  destination: { ...destination, hostKey: hostKeyOf(agentKey, destination.workspaceId).publicKey },
  access,
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
  const way: Way = { kind: 'session', session: kind, by: 'token' };
  const find = async () => {
    const found = await findWorkspace(rules, person, reference, 'use');
    refuseDirect(way, found, rules.installation);
    return found;
  };
  const workspace = requireKept(await auditingRefusals(rules, person, 'session', find));
  const act = { action: 'session.open' as const, actor: person, details: { workspace: workspace.id, kind } };
  await recordPersonActs(rules, person.id, [act]);
  const holder = { personId: person.id, apiToken: person.apiToken };
  return { destination: destinationOf(workspace), access: accessOf(rules, workspace, holder, way) };
};

/** A ticket was audited when it was made. */
const openByTicket = async (rules: Rules, ticket: string, { reference, kind }: Wanted): Promise<Opened> => {
  const taken = await takeTicket(rules.table, ticket, rules.clock());
  const person = await loadPerson(rules.table, taken.personId);
  if (person === undefined) throw ticketRefused();
  const way: Way = { kind: 'session', session: kind, by: byOf(taken) };
  const find = async () => {
    if (taken.app !== undefined) throw ticketRefused(taken.workspaceId);
    await requireLiveToken(rules, taken.apiToken);
    const found = await findWorkspace(rules, requireActive(person, taken.workspaceId), reference, 'use');
    if (found.id !== taken.workspaceId) throw ticketRefused(found.id);
    refuseDirect(way, found, rules.installation);
    return found;
  };
  const workspace = requireKept(await auditingRefusals(rules, person, 'session', find));
  return { destination: destinationOf(workspace), access: accessOf(rules, workspace, taken, way) };
};
