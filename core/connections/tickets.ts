import type { AppHost } from '../../contracts/names.ts';
import type { Person } from '../actor.ts';
import { byOf, refuseDirect, type Way } from '../browser-only.ts';
import { BerthError } from '../errors.ts';
import { instant, later } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import { recordPersonActs } from '../people/acts.ts';
import { type Key, type Table, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { findWith, type Right } from '../workspaces/store.ts';
import type { Holder } from './access.ts';
import { mayGo, wayOf } from './ways.ts';

/** What a ticket opens: one app or port, or sessions, of one workspace, for one person. */
export interface Ticket extends Holder {
  workspaceId: string;
  /** The name of an app, or a port; absent for sessions. */
  app?: string | undefined;
  expiresAt: string;
}

const lifetimeMs = 30_000;

const ticketKey = (ticket: string): Key => ({ pk: `ticket#${hashSecret(ticket)}`, sk: 'ticket' });

/** Makes a ticket for an app or a port (or, without one, for sessions) of a workspace the person may use so. Audited. */
export const createTicket = async (
  rules: Rules,
  person: Person,
  reference: string,
  app: string | undefined,
): Promise<{ ticket: string; workspaceId: string; host?: AppHost }> => {
  const by = byOf(person);
  const way: Way = app === undefined ? { ...sessionWay, by } : wayOf(app, by);
  const may: Right = (found, shared) => mayGo(person, way, found, shared);
  const { workspace } = await findWith(rules, person, reference, may);
  if (way.kind === 'app') requireApp(workspace, way.app);
  refuseDirect(way, workspace, rules.installation);
  const now = rules.clock();
  const ticket = newSecret();
  const expiresAt = later(now, lifetimeMs);
  const holder: Holder = { personId: person.id, apiToken: person.apiToken };
  const record: Ticket = { ...holder, workspaceId: workspace.id, app, expiresAt: instant(expiresAt) };
  const act = {
    action: app === undefined ? ('session.open' as const) : ('app.open' as const),
    actor: person,
    details: { workspace: workspace.id, ...(app === undefined ? {} : { app }) },
  };
  const item = toItem(ticketKey(ticket), { ...record, expires: Math.ceil(expiresAt.getTime() / 1000) });
  await recordPersonActs(rules, person.id, [act], [{ put: item, when: { absent: true } }]);
  const host = app === undefined ? {} : { host: { app, workspace: workspace.name, owner: workspace.ownerName } };
  return { ticket, workspaceId: workspace.id, ...host };
};

/** What a browser opens by a ticket for sessions. Other kinds are asked about when they are opened. */
const sessionWay = { kind: 'session', session: 'terminal' } as const;

const requireApp = ({ name, apps }: WorkspaceRecord, app: string): void => {
  if (apps.some((one) => one.name === app)) return;
  throw new BerthError('not_found', `The workspace ${name} has no app ${app}. Open one that its page lists.`, {
    field: 'app',
  });
};

/** `wanted` is the id of what a person with a ticket for something else is kept from. */
export const ticketRefused = (wanted?: string) =>
  new BerthError(
    'ticket_invalid',
    'The ticket is not valid: it was used, is over, or was made for something else. Open it again from the portal.',
    { refused: wanted },
  );

/** Takes a ticket: of any number who try, one succeeds. `ticket_invalid` for every other. */
export const takeTicket = async (table: Table, ticket: string, now: Date): Promise<Ticket> => {
  const key = ticketKey(ticket);
  const item = await table.get(key);
  if (item === undefined) throw ticketRefused();
  try {
    await table.write([{ delete: key, when: { present: true } }]);
  } catch (error) {
    if (error instanceof WriteConflict) throw ticketRefused();
    throw error;
  }
  const record = fromItem<Ticket>(item);
  if (record.expiresAt <= instant(now)) throw ticketRefused();
  return record;
};
