import type { AppHost } from '../../contracts/names.ts';
import { BerthError } from '../errors.ts';
import type { Destination } from '../gateway.ts';
import { instant, later } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import { loadPerson, requireActive } from '../people/people.ts';
import type { Key, Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { loadWorkspace } from '../workspaces/store.ts';
import { takeTicket, ticketRefused } from './tickets.ts';

/** One person's sign-in at one app; its secret is in a cookie of that app's host, here only as a hash. */
interface AppSession {
  personId: string;
  workspaceId: string;
  app: string;
  expiresAt: string;
}

/** A working day: then the portal's sign-in is asked again. */
const lifetimeMs = 12 * 3_600_000;

const sessionKey = (secret: string): Key => ({ pk: `app-session#${hashSecret(secret)}`, sk: 'app-session' });

const isHost = (workspace: WorkspaceRecord, host: AppHost): boolean =>
  workspace.name === host.workspace && workspace.ownerName === host.owner;

/** A ticket for this app becomes a session at its host. */
export const takeAppTicket = async (
  { table, clock }: Rules,
  ticket: string,
  host: AppHost,
): Promise<{ session: string; expiresAt: Date }> => {
  const { personId, workspaceId, app } = await takeTicket(table, ticket, clock());
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined || app !== host.app || !isHost(workspace, host)) throw ticketRefused();
  const expiresAt = later(clock(), lifetimeMs);
  const session = newSecret();
  const record: AppSession = { personId, workspaceId, app, expiresAt: instant(expiresAt) };
  const item = toItem(sessionKey(session), { ...record, expires: Math.ceil(expiresAt.getTime() / 1000) });
  await table.write([{ put: item, when: { absent: true } }]);
  return { session, expiresAt };
};

const signInFirst = () =>
  new BerthError('unauthenticated', 'This app opens only from the portal, where you sign in. Open it from there.');

/** The app behind a host for the holder of a session. Three gets; whoever lost the right is out at the next request. */
export const openApp = async (
  { table, clock }: Rules,
  secret: string | undefined,
  host: AppHost,
): Promise<Destination> => {
  const session = secret === undefined ? undefined : await loadSession(table, secret);
  if (session === undefined || session.expiresAt <= instant(clock())) throw signInFirst();
  const workspace = await loadWorkspace(table, session.workspaceId);
  if (workspace === undefined || session.app !== host.app || !isHost(workspace, host)) throw signInFirst();
  requireActive(await loadPerson(table, session.personId));
  const destination = destinationOf(workspace);
  if (
    workspace.ownerId !== session.personId ||
    workspace.status === 'deleted' ||
    !destination.apps.includes(host.app)
  ) {
    throw new BerthError('not_found', 'There is no such app that you may use. Go back to the portal.');
  }
  return destination;
};

const loadSession = async (table: Table, secret: string): Promise<AppSession | undefined> => {
  const item = await table.get(sessionKey(secret));
  return item && fromItem<AppSession>(item);
};

export const destinationOf = (workspace: WorkspaceRecord): Destination => ({
  workspaceId: workspace.id,
  name: workspace.name,
  status: workspace.status,
  apps: workspace.apps.map(({ name }) => name),
});
