import type { AppHost } from '../../../contracts/values/names.ts';
import { accessTargetOf, mayAccess } from '../../access/access-targets.ts';
import { type AccessTarget, credentialKindOf, requireBrowserTarget } from '../../access/browser-only.ts';
import type { Person } from '../../actor.ts';
import { hashSecret, newSecret } from '../../crypto/secrets.ts';
import { BerthError } from '../../errors.ts';
import { instant, later } from '../../instant.ts';
import { recordPersonEvents } from '../../people/update-person.ts';
import { type Key, type Table, WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { ItemKind } from '../../table/item-kind.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { type AccessCheck, findWorkspaceWith } from '../../workspaces/store.ts';
import type { CredentialHolder } from './access-grant.ts';

/** What a ticket opens: one app or port, or sessions, of one workspace, for one person. */
interface Ticket extends CredentialHolder {
  workspaceId: string;
  /** The name of an app, or a port; absent for sessions. */
  app?: string | undefined;
  expiresAt: string;
}

export const ticketItems = new ItemKind<Ticket>('ticket', {
  personId: 'string',
  workspaceId: 'string',
  expiresAt: 'string',
});

const lifetimeMs = 30_000;

const ticketKey = (ticket: string): Key => ({ pk: `ticket#${hashSecret(ticket)}`, sk: 'ticket' });

/**
 * Creates a ticket for an app or a port (without one: for sessions) of a workspace, if the person may open it. Audited.
 */
export const createTicket = async (
  rules: Rules,
  person: Person,
  reference: string,
  app: string | undefined,
): Promise<{ ticket: string; workspaceId: string; host?: AppHost }> => {
  const credential = credentialKindOf(person);
  const target: AccessTarget = app === undefined ? { ...sessionTarget, credential } : accessTargetOf(app, credential);
  const may: AccessCheck = (found, shared) => mayAccess(person, target, found, shared);
  const { workspace } = await findWorkspaceWith(rules, person, reference, may);
  if (target.kind === 'app') requireApp(workspace, target.app);
  requireBrowserTarget(target, workspace, rules.installation);
  const now = rules.clock();
  const ticket = newSecret();
  const expiresAt = later(now, lifetimeMs);
  const holder: CredentialHolder = { personId: person.id, apiToken: person.apiToken };
  const record: Ticket = { ...holder, workspaceId: workspace.id, app, expiresAt: instant(expiresAt) };
  const auditEvent = {
    action: app === undefined ? ('session.open' as const) : ('app.open' as const),
    actor: person,
    details: { workspace: workspace.id, ...(app === undefined ? {} : { app }) },
  };
  const item = ticketItems.item(ticketKey(ticket), { ...record, expires: Math.ceil(expiresAt.getTime() / 1000) });
  await recordPersonEvents(rules, person.id, [auditEvent], [{ put: item, when: { absent: true } }]);
  const host = app === undefined ? {} : { host: { app, workspace: workspace.name, owner: workspace.ownerName } };
  return { ticket, workspaceId: workspace.id, ...host };
};

/** The session that a browser opens with a ticket. Other kinds of session are checked when they are opened. */
const sessionTarget = { kind: 'session', session: 'terminal' } as const;

const requireApp = ({ name, apps }: WorkspaceRecord, app: string): void => {
  if (apps.some((one) => one.name === app)) return;
  throw new BerthError('not_found', `The workspace ${name} has no app ${app}. Open one that its page lists.`, {
    field: 'app',
  });
};

/** `refused` is the ID of the workspace that the person tried to open with a ticket for another target. */
export const ticketRefused = (refused?: string) =>
  new BerthError(
    'ticket_invalid',
    'The ticket is not valid: it was used, has expired, or is for something else. Open it again from the portal.',
    { refused },
  );

/** Redeems a ticket. Of concurrent requests one succeeds; the others get `ticket_invalid`. */
export const redeemTicket = async (table: Table, ticket: string, now: Date): Promise<Ticket> => {
  const key = ticketKey(ticket);
  const item = await table.get(key);
  if (item === undefined) throw ticketRefused();
  try {
    await table.write([{ delete: key, when: { present: true } }]);
  } catch (error) {
    if (error instanceof WriteConflict) throw ticketRefused();
    throw error;
  }
  const record = ticketItems.read(item);
  if (record.expiresAt <= instant(now)) throw ticketRefused();
  return record;
};
