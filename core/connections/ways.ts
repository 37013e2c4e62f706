import { type AppHost, portOf } from '../../contracts/names.ts';
import { mayOpen, mayWorkspace, noWorkspace, type Shared } from '../access.ts';
import type { Actor, Person } from '../actor.ts';
import { type By, refuseDirect, type Way } from '../browser-only.ts';
import type { Rules } from '../rules.ts';
import { sharesWith } from '../sharing/store.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';

/** What a host leads to: `app` of it is an app's name or a port. */
export const wayOf = (app: AppHost['app'], by: By): Exclude<Way, { kind: 'session' }> => {
  const port = portOf(app);
  return port === undefined ? { kind: 'app', app, by } : { kind: 'port', port, by };
};

export const wayText = (way: Way): string => {
  if (way.kind === 'session') return `${way.session} by ${way.by}`;
  return way.kind === 'app' ? `app ${way.app}` : `port ${way.port}`;
};

/** Whether somebody may go a way, given what is shared with them. */
export const mayGo = (actor: Actor, way: Way, workspace: WorkspaceRecord, shared: Shared): boolean =>
  way.kind === 'session' ? mayWorkspace(actor, 'use', workspace, shared) : mayOpen(actor, way, workspace, shared);

/** Refuses a way that the person has no right to (`not_found`) or that the workspace does not have (`forbidden`). */
export const requireWay = async (
  rules: Rules,
  person: Person,
  way: Way,
  workspace: WorkspaceRecord,
  refusal = noWorkspace(workspace.id, workspace.id),
): Promise<void> => {
  if (!mayGo(person, way, workspace, await sharesWith(rules, person, workspace))) throw refusal;
  refuseDirect(way, workspace, rules.installation);
};
