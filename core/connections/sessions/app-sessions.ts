import type { AppHost } from '../../../contracts/values/names.ts';
import { accessTargetOf, requireAccess } from '../../access/access-targets.ts';
import { type AccessTarget, credentialKindOf } from '../../access/browser-only.ts';
import { hashSecret, newSecret } from '../../crypto/secrets.ts';
import { BerthError } from '../../errors.ts';
import type { Destination, Opened } from '../../gateway.ts';
import { instant, later } from '../../instant.ts';
import { loadPerson, type PersonRecord, requireActive } from '../../people/person-record.ts';
import { auditRefusals } from '../../people/refusals.ts';
import { requireLiveToken } from '../../people/tokens.ts';
import type { Change, Key, Table } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { ItemKind } from '../../table/item-kind.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { loadWorkspace } from '../../workspaces/store.ts';
import { activityLagMs } from '../agents/agent-activity.ts';
import { accessGrantFor, type CredentialHolder } from './access-grant.ts';
import { redeemTicket, ticketRefused } from './tickets.ts';

/** A person's session at one app. Its secret is in a cookie of the app's host; the item's key contains a hash of it. */
interface AppSession extends CredentialHolder {
  workspaceId: string;
  /** The name of the app, or the port. */
  app: string;
  expiresAt: string;
  /** When a refusal was last audited, in milliseconds since 1970; absent before the first. */
  refusedAt?: number;
}

export const appSessionItems = new ItemKind<AppSession>('app session', {
  personId: 'string',
  workspaceId: 'string',
  app: 'string',
  expiresAt: 'string',
});

/** A working day; then the person needs a new ticket from the portal. */
const lifetimeMs = 12 * 3_600_000;

const sessionKey = (secret: string): Key => ({ pk: `app-session#${hashSecret(secret)}`, sk: 'app-session' });

const isHost = (workspace: WorkspaceRecord, host: AppHost): boolean =>
  workspace.name === host.workspace && workspace.ownerName === host.owner;

/** Exchanges a ticket for this app for a session at its host. */
export const redeemAppTicket = async (
  rules: Rules,
  ticket: string,
  host: AppHost,
): Promise<{ session: string; expiresAt: Date }> => {
  const { table, clock } = rules;
  const redeemed = await redeemTicket(table, ticket, clock());
  const { personId, apiToken, workspaceId, app } = redeemed;
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined) throw ticketRefused();
  if (app !== host.app || !isHost(workspace, host)) {
    const person = requireActive(await loadPerson(table, personId));
    return auditRefusals(rules, person, 'app', () => Promise.reject(ticketRefused(workspaceId)));
  }
  if (workspace.ownerId !== personId)
    await requireShared(rules, personId, workspace, accessTargetOf(app, credentialKindOf(redeemed)));
  const expiresAt = later(clock(), lifetimeMs);
  const session = newSecret();
  const record: AppSession = { personId, apiToken, workspaceId, app, expiresAt: instant(expiresAt) };
  const item = appSessionItems.item(sessionKey(session), { ...record, expires: Math.ceil(expiresAt.getTime() / 1000) });
  await table.write([{ put: item, when: { absent: true } }]);
  return { session, expiresAt };
};

/** The share may have been revoked since the ticket was created. */
const requireShared = async (rules: Rules, personId: string, workspace: WorkspaceRecord, target: AccessTarget) => {
  const person = requireActive(await loadPerson(rules.table, personId));
  const check = () => requireAccess(rules, person, target, workspace, noApp(workspace.id));
  await auditRefusals(rules, person, 'app', check);
};

const notSignedIn = (refused?: string) =>
  new BerthError('unauthenticated', 'You are not signed in to this app. Open it from the portal.', {
    refused,
  });

/**
 * Returns the app or port behind a host, if the holder of the session may open it. Costs three gets (four for a session
 * that an API token opened), and a query of the shares for a person who is not the owner. A lost permission takes
 * effect at the next request.
 */
export const openApp = async (rules: Rules, secret: string | undefined, host: AppHost): Promise<Opened> => {
  const { table, clock } = rules;
  const session = secret === undefined ? undefined : await loadSession(table, secret);
  if (secret === undefined || session === undefined || session.expiresAt <= instant(clock())) throw notSignedIn();
  const [workspace, person] = await Promise.all([
    loadWorkspace(table, session.workspaceId),
    loadPerson(table, session.personId),
  ]);
  if (workspace === undefined || person === undefined) throw notSignedIn();
  const check = () => checkApp(rules, session, workspace, person, host);
  await (wasAuditedRecently(session, clock())
    ? check()
    : auditRefusals(rules, person, 'app', check, [refusalChange(secret, session, clock())]));
  const target = accessTargetOf(session.app, credentialKindOf(session));
  return {
    destination: { ...destinationOf(workspace), ...(workspace.ownerId === person.id ? {} : { isShared: true }) },
    grant: { ...accessGrantFor(rules, workspace, session, target), until: new Date(session.expiresAt) },
  };
};

const checkApp = async (
  rules: Rules,
  session: AppSession,
  workspace: WorkspaceRecord,
  person: PersonRecord,
  host: AppHost,
): Promise<void> => {
  if (session.app !== host.app || !isHost(workspace, host)) throw notSignedIn(workspace.id);
  requireActive(person, workspace.id);
  await requireLiveToken(rules, session.apiToken);
  const target = accessTargetOf(session.app, credentialKindOf(session));
  await requireAccess(rules, person, target, workspace, noApp(workspace.id));
  if (workspace.status === 'deleted' || !exists(target, workspace)) throw noApp();
};

/** A port always exists; only the workspace knows whether a server listens on it. */
const exists = (target: AccessTarget, { apps }: WorkspaceRecord): boolean =>
  target.kind !== 'app' || apps.some(({ name }) => name === target.app);

const noApp = (refused?: string) =>
  new BerthError('not_found', 'The app does not exist, or you do not have access to it. Go back to the portal.', {
    refused,
  });

/** A page repeats refused requests: one audit event per session and minute is enough. */
const auditEveryMs = 60_000;

const wasAuditedRecently = ({ refusedAt = 0 }: AppSession, now: Date): boolean =>
  refusedAt > now.getTime() - auditEveryMs;

/** Of concurrent refused requests, only one writes the audit event. */
const refusalChange = (secret: string, session: AppSession, now: Date): Change => ({
  put: appSessionItems.item(sessionKey(secret), { ...session, refusedAt: now.getTime() }),
  when: { present: true, atMost: { refusedAt: now.getTime() - auditEveryMs } },
});

const loadSession = async (table: Table, secret: string): Promise<AppSession | undefined> => {
  const item = await table.get(sessionKey(secret));
  return item && appSessionItems.read(item);
};

export const destinationOf = (workspace: WorkspaceRecord): Destination => ({
  workspaceId: workspace.id,
  buildId: workspace.build.id,
  name: workspace.name,
  status: workspace.status,
  apps: workspace.apps.map(({ name }) => name),
  activityLagMs: activityLagMs(workspace),
});
