import type { AppHost } from '../../contracts/names.ts';
import { byOf, type Way } from '../browser-only.ts';
import { BerthError } from '../errors.ts';
import type { Destination, Opened } from '../gateway.ts';
import { instant, later } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import { loadPerson, type PersonRecord, requireActive } from '../people/people.ts';
import { auditingRefusals } from '../people/refusals.ts';
import { requireLiveToken } from '../people/tokens.ts';
import type { Change, Key, Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { loadWorkspace } from '../workspaces/store.ts';
import { accessOf, type Holder } from './access.ts';
import { takeTicket, ticketRefused } from './tickets.ts';
import { requireWay, wayOf } from './ways.ts';

/** One person's sign-in at one app; its secret is in a cookie of that app's host, here only as a hash. */
interface AppSession extends Holder {
  workspaceId: string;
  /** The name of the app, or the port. */
  app: string;
  expiresAt: string;
  /** When a refusal was last audited, in milliseconds since 1970; absent before the first. */
  refusedAt?: number;
}

/** A working day: then the portal's sign-in is asked again. */
const lifetimeMs = 12 * 3_600_000;

const sessionKey = (secret: string): Key => ({ pk: `app-session#${hashSecret(secret)}`, sk: 'app-session' });

const isHost = (workspace: WorkspaceRecord, host: AppHost): boolean =>
  workspace.name === host.workspace && workspace.ownerName === host.owner;

/** A ticket for this app becomes a session at its host. */
export const takeAppTicket = async (
  rules: Rules,
  ticket: string,
  host: AppHost,
): Promise<{ session: string; expiresAt: Date }> => {
  const { table, clock } = rules;
  const taken = await takeTicket(table, ticket, clock());
  const { personId, apiToken, workspaceId, app } = taken;
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined) throw ticketRefused();
  if (app !== host.app || !isHost(workspace, host)) {
    const person = requireActive(await loadPerson(table, personId));
    return auditingRefusals(rules, person, 'app', () => Promise.reject(ticketRefused(workspaceId)));
  }
  if (workspace.ownerId !== personId) await requireShared(rules, personId, workspace, wayOf(app, byOf(taken)));
  const expiresAt = later(clock(), lifetimeMs);
  const session = newSecret();
  const record: AppSession = { personId, apiToken, workspaceId, app, expiresAt: instant(expiresAt) };
  const item = toItem(sessionKey(session), { ...record, expires: Math.ceil(expiresAt.getTime() / 1000) });
  await table.write([{ put: item, when: { absent: true } }]);
  return { session, expiresAt };
};

/** What was shared when the ticket was made may have been taken back since. */
const requireShared = async (rules: Rules, personId: string, workspace: WorkspaceRecord, way: Way) => {
  const person = requireActive(await loadPerson(rules.table, personId));
  const check = () => requireWay(rules, person, way, workspace, noApp(workspace.id));
  await auditingRefusals(rules, person, 'app', check);
};

const signInFirst = (wanted?: string) =>
  new BerthError('unauthenticated', 'This app opens only from the portal, where you sign in. Open it from there.', {
    refused: wanted,
  });

/**
 * The app or port behind a host for the holder of a session. Three gets (four where an API token opened it), and a query
 * of the shares for who is not the owner; whoever lost the right is out at the next request.
 */
export const openApp = async (rules: Rules, secret: string | undefined, host: AppHost): Promise<Opened> => {
  const { table, clock } = rules;
  const session = secret === undefined ? undefined : await loadSession(table, secret);
  if (secret === undefined || session === undefined || session.expiresAt <= instant(clock())) throw signInFirst();
  const [workspace, person] = await Promise.all([
    loadWorkspace(table, session.workspaceId),
    loadPerson(table, session.personId),
  ]);
  if (workspace === undefined || person === undefined) throw signInFirst();
  const check = () => checkApp(rules, session, workspace, person, host);
  await (wasAudited(session, clock())
    ? check()
    : auditingRefusals(rules, person, 'app', check, [audited(secret, session, clock())]));
  const way = wayOf(session.app, byOf(session));
  return {
    destination: { ...destinationOf(workspace), ...(workspace.ownerId === person.id ? {} : { isShared: true }) },
    access: { ...accessOf(rules, workspace, session, way), until: new Date(session.expiresAt) },
  };
};

const checkApp = async (
  rules: Rules,
  session: AppSession,
  workspace: WorkspaceRecord,
  person: PersonRecord,
  host: AppHost,
): Promise<void> => {
  if (session.app !== host.app || !isHost(workspace, host)) throw signInFirst(workspace.id);
  requireActive(person, workspace.id);
  await requireLiveToken(rules, session.apiToken);
  const way = wayOf(session.app, byOf(session));
  await requireWay(rules, person, way, workspace, noApp(workspace.id));
  if (workspace.status === 'deleted' || !isThere(way, workspace)) throw noApp();
};

/** Whether something listens at a port is for the workspace to know. */
const isThere = (way: Way, { apps }: WorkspaceRecord): boolean =>
  way.kind !== 'app' || apps.some(({ name }) => name === way.app);

const noApp = (wanted?: string) =>
  new BerthError('not_found', 'There is no such app that you may use. Go back to the portal.', {
    refused: wanted,
  });

/** A refused page asks again and again: one record per session and minute says as much as a thousand. */
const auditEveryMs = 60_000;

const wasAudited = ({ refusedAt = 0 }: AppSession, now: Date): boolean => refusedAt > now.getTime() - auditEveryMs;

/** Of requests that are refused at once, one writes it. */
const audited = (secret: string, session: AppSession, now: Date): Change => ({
  put: toItem(sessionKey(secret), { ...session, refusedAt: now.getTime() }),
  when: { present: true, atMost: { refusedAt: now.getTime() - auditEveryMs } },
});

const loadSession = async (table: Table, secret: string): Promise<AppSession | undefined> => {
  const item = await table.get(sessionKey(secret));
  return item && fromItem<AppSession>(item);
};

export const destinationOf = (workspace: WorkspaceRecord): Destination => ({
  workspaceId: workspace.id,
  buildId: workspace.build.id,
  name: workspace.name,
  status: workspace.status,
  apps: workspace.apps.map(({ name }) => name),
});
