import { parseWorkspaceLabel, WorkspaceId } from '../../contracts/values/names.ts';
import { type ActiveShares, mayAccessWorkspace, type WorkspaceAction, workspaceNotFound } from '../access/policy.ts';
import { activeSharesFor } from '../access/share-store.ts';
import type { Actor } from '../actor.ts';
import { type NewAuditEvent, recordAuditEvents } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { personIdByName } from '../people/person-record.ts';
import type { Change, Table } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import { type Update, updateWithRetry } from '../table/update-with-retry.ts';
import { type BuildRecord, buildChange, buildItems, buildKey, isActive } from './records/build-record.ts';
import {
  nameKey,
  type WorkspaceRecord,
  workspaceItem,
  workspaceItems,
  workspaceNameItems,
} from './records/workspace-record.ts';
import { autostartAfterChange } from './rules/autostart-time.ts';

export const loadWorkspace = async (table: Table, id: string): Promise<WorkspaceRecord | undefined> => {
  const item = await table.get(workspaceKey(id));
  return item && workspaceItems.read(item);
};

export const loadBuild = async (
  table: Table,
  workspaceId: string,
  number: number,
): Promise<BuildRecord | undefined> => {
  const item = await table.get(buildKey(workspaceId, number));
  return item && buildItems.read(item);
};

/** The active build, when there is one. */
export const loadActiveBuild = async (table: Table, workspace: WorkspaceRecord): Promise<BuildRecord | undefined> =>
  isActive(workspace.build.status) ? loadBuild(table, workspace.id, workspace.build.number) : undefined;

type FindRules = Pick<Rules, 'table' | 'clock' | 'log' | 'installation'>;

/** Decides by the workspace and the active shares that concern the actor. */
export type AccessCheck = (workspace: WorkspaceRecord, shares: ActiveShares) => boolean;

/**
 * Finds a workspace by its id, the name of one of the actor's own, or `<name>--<owner>`, and checks that the actor may
 * do the action. One get by id, two by name, three by both names; and a query of its shares if somebody else owns it.
 * `not_found` both for a missing workspace and for one that the actor may not see.
 */
export const findWorkspace = async (
  rules: FindRules,
  actor: Actor,
  reference: string,
  action: WorkspaceAction,
): Promise<WorkspaceRecord> => {
  const mayAccess: AccessCheck = (workspace, shared) => mayAccessWorkspace(actor, action, workspace, shared);
  return (await findWorkspaceWith(rules, actor, reference, mayAccess)).workspace;
};

/** The same for any check. Also returns the active shares that decided it; empty when it needed none. */
export const findWorkspaceWith = async (
  rules: FindRules,
  actor: Actor,
  reference: string,
  mayAccess: AccessCheck,
): Promise<{ workspace: WorkspaceRecord; shared: ActiveShares }> => {
  const id = await idOf(rules.table, actor, reference);
  const workspace = id === undefined ? undefined : await loadWorkspace(rules.table, id);
  if (workspace === undefined) throw notFound(reference);
  if (mayAccess(workspace, [])) return { workspace, shared: [] };
  const shared = await activeSharesFor(rules, actor, workspace);
  if (mayAccess(workspace, shared)) return { workspace, shared };
  if (!mayAccessWorkspace(actor, 'read', workspace, shared)) throw workspaceNotFound(reference, workspace.id);
  throw notAllowed(workspace, mayAccessWorkspace(actor, 'use', workspace, shared));
};

const idOf = async (table: Table, actor: Actor, reference: string): Promise<string | undefined> => {
  if (WorkspaceId.safeParse(reference).success) return reference;
  const label = parseWorkspaceLabel(reference);
  if (label !== undefined) {
    const ownerId = await personIdByName(table, label.owner);
    return ownerId === undefined ? undefined : idByName(table, ownerId, label.workspace);
  }
  return actor === 'system' ? undefined : idByName(table, actor.id, reference);
};

const idByName = async (table: Table, ownerId: string, name: string): Promise<string | undefined> => {
  const claim = await table.get(nameKey(ownerId, name));
  return claim && workspaceNameItems.read(claim).workspaceId;
};

/**
 * For a name of another person's, `refused` is set as if it existed: without an audit write, a faster response would
 * reveal that it does not.
 */
const notFound = (reference: string): BerthError =>
  workspaceNotFound(reference, parseWorkspaceLabel(reference) === undefined ? undefined : reference);

const notAllowed = ({ id, name }: WorkspaceRecord, mayUse: boolean): BerthError =>
  new BerthError(
    'forbidden',
    mayUse
      ? `The workspace ${name} is shared with you to use; you may not change or share it. Ask its owner.`
      : `The workspace ${name} belongs to another person; you may see it but not change or use it. Ask its owner or an admin.`,
    { refused: id },
  );

/** A change to a workspace, decided on its current state. */
export interface WorkspaceUpdate {
  /** Absent when only builds change; the write still requires that the workspace did not change since it was read. */
  workspace?: WorkspaceRecord;
  builds?: BuildRecord[];
  auditEvents?: NewAuditEvent[];
  /** More changes for the same transaction. */
  also?: Change[];
}

/** More changes for the same transaction, from the workspace as it will be written. */
export type Alongside = (workspace: WorkspaceRecord) => Change[];

/**
 * Updates a workspace. `decide` gets its current state (`undefined`: nothing to change) and is called again when
 * another writer was faster. Audit events are written in the same transaction.
 */
export const changeWorkspace = async (
  { table, clock, buildsFrom }: Pick<Rules, 'table' | 'clock' | 'buildsFrom'>,
  id: string,
  decide: (workspace: WorkspaceRecord) => Promise<WorkspaceUpdate | undefined> | WorkspaceUpdate | undefined,
  options: { first?: WorkspaceRecord; alongside?: Alongside | undefined } = {},
): Promise<WorkspaceRecord> => {
  const decideOn = async (found: WorkspaceRecord | undefined): Promise<Update<WorkspaceRecord>> => {
    if (found === undefined) throw workspaceNotFound(id);
    const current = buildsFrom === undefined ? found : { ...found, buildsFrom };
    return transactionOf(current, await decide(current), clock(), options.alongside);
  };
  return updateWithRetry(table, () => loadWorkspace(table, id), decideOn, {
    first: options.first,
    busy: (workspace) => `The workspace ${workspace?.name ?? id} is being changed by other requests. Try again.`,
  });
};

/** Other writers compete for the workspace and its builds only. */
const transactionOf = (
  current: WorkspaceRecord,
  update: WorkspaceUpdate | undefined,
  now: Date,
  alongside: Alongside | undefined,
): Update<WorkspaceRecord> => {
  const unchanged = { equals: { version: current.version } };
  const auditEvents = update?.auditEvents ?? [];
  if (update?.workspace === undefined && auditEvents.length > 0)
    throw new TypeError('audit events need the workspace they belong to');
  const audit = recordAuditEvents(current.id, current.audit, auditEvents, now);
  const workspace =
    update?.workspace === undefined ? current : { ...stamped(current, update.workspace, now), audit: audit.head };
  const own: Change[] = [
    workspace === current
      ? { check: workspaceKey(current.id), when: unchanged }
      : { put: workspaceItem(workspace), when: unchanged },
    ...(update?.builds ?? []).map(buildChange),
  ];
  const more = [...(update?.also ?? []), ...audit.changes, ...(alongside?.(workspace) ?? [])];
  const changesNothing = workspace === current && own.length === 1 && more.length === 0;
  return { result: workspace, changes: changesNothing ? [] : [...own, ...more], contended: own.length };
};

const stamped = (before: WorkspaceRecord, after: WorkspaceRecord, now: Date): WorkspaceRecord => ({
  ...after,
  autostartAt: autostartAfterChange(before, after, now),
  version: before.version + 1,
  updatedAt: instant(now),
});
