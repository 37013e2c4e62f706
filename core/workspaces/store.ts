import { parseWorkspaceLabel, WorkspaceId } from '../../contracts/names.ts';
import { mayWorkspace, noWorkspace, type Shared, type WorkspaceAction } from '../access.ts';
import type { Actor } from '../actor.ts';
import { type Act, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { fromItem } from '../item.ts';
import { personIdByName } from '../people/people.ts';
import { type Change, type Table, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { sharesWith } from '../sharing/store.ts';
import { keptAutostart } from './autostart.ts';
import {
  type BuildRecord,
  buildChange,
  buildKey,
  isActive,
  nameKey,
  type WorkspaceRecord,
  workspaceItem,
  workspaceKey,
} from './record.ts';

export const loadWorkspace = async (table: Table, id: string): Promise<WorkspaceRecord | undefined> => {
  const item = await table.get(workspaceKey(id));
  return item && fromItem<WorkspaceRecord>(item);
};

export const loadBuild = async (
  table: Table,
  workspaceId: string,
  number: number,
): Promise<BuildRecord | undefined> => {
  const item = await table.get(buildKey(workspaceId, number));
  return item && fromItem<BuildRecord>(item);
};

/** The active build, when there is one. */
export const loadActiveBuild = async (table: Table, workspace: WorkspaceRecord): Promise<BuildRecord | undefined> =>
  isActive(workspace.build.status) ? loadBuild(table, workspace.id, workspace.build.number) : undefined;

/** What it takes to find a workspace for somebody. */
export type Finding = Pick<Rules, 'table' | 'clock' | 'installation'>;

/** A right to a workspace, given what of it is shared with the one who asks. */
export type Right = (workspace: WorkspaceRecord, shared: Shared) => boolean;

/**
 * Finds a workspace by its id, the name of one of the actor's own, or `<name>--<owner>`, and checks the actor's right to
 * it. One get by id, two by name, three by both names; and a query of its shares when it is not the actor's own.
 * `not_found` for what is not there and for what is not theirs alike.
 */
export const findWorkspace = async (
  rules: Finding,
  actor: Actor,
  reference: string,
  action: WorkspaceAction,
): Promise<WorkspaceRecord> => {
  const right: Right = (workspace, shared) => mayWorkspace(actor, action, workspace, shared);
  return (await findWith(rules, actor, reference, right)).workspace;
};

/** The same for any right; answers too what was asked of the shares to judge by, which is nothing when nothing need be. */
export const findWith = async (
  rules: Finding,
  actor: Actor,
  reference: string,
  right: Right,
): Promise<{ workspace: WorkspaceRecord; shared: Shared }> => {
  const id = await idOf(rules.table, actor, reference);
  const workspace = id === undefined ? undefined : await loadWorkspace(rules.table, id);
  if (workspace === undefined) throw notThere(reference);
  if (right(workspace, [])) return { workspace, shared: [] };
  const shared = await sharesWith(rules, actor, workspace);
  if (right(workspace, shared)) return { workspace, shared };
  if (!mayWorkspace(actor, 'read', workspace, shared)) throw noWorkspace(reference, workspace.id);
  throw notForThat(workspace, mayWorkspace(actor, 'use', workspace, shared));
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
  return claim?.['workspaceId'] as string | undefined;
};

/** Audited for another person's name as if it were there, or the time of the answer would tell which names are. */
const notThere = (reference: string): BerthError =>
  noWorkspace(reference, parseWorkspaceLabel(reference) === undefined ? undefined : reference);

const notForThat = ({ id, name }: WorkspaceRecord, mayUse: boolean): BerthError =>
  new BerthError(
    'forbidden',
    mayUse
      ? `The workspace ${name} is shared with you to use it; you may not change it or share it. Ask its owner.`
      : `The workspace ${name} is another person's; you may look at it but not change or use it. Ask its owner or an admin.`,
    { refused: id },
  );

/** A change decided on the workspace as it is now; `undefined` when there is nothing to change. */
export interface Decision {
  /** Left out when only builds change; the write still demands that the workspace is as it was seen. */
  workspace?: WorkspaceRecord;
  builds?: BuildRecord[];
  acts?: Act[];
  also?: Change[];
}

/** More changes to go into the same transaction, given the workspace as it will be. */
export type Alongside = (workspace: WorkspaceRecord) => Change[];

/** Enough for the few writers one workspace has at a time: a person, a workflow step, the gateway. */
const attempts = 12;

/**
 * The one way a workspace changes: `decide` sees it as it is, the write demands that it still is so, and is decided
 * anew when another was quicker. Acts are recorded in the same transaction.
 */
export const changeWorkspace = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  id: string,
  decide: (workspace: WorkspaceRecord) => Promise<Decision | undefined> | Decision | undefined,
  options: { first?: WorkspaceRecord; alongside?: Alongside | undefined } = {},
): Promise<WorkspaceRecord> => {
  let current = options.first ?? (await loadWorkspace(rules.table, id));
  for (let attempt = 1; ; attempt++) {
    if (current === undefined) throw noWorkspace(id);
    const decision = await decide(current);
    const write = plannedWrite(current, decision, rules.clock(), options.alongside);
    try {
      if (write.changes.length > 0) await rules.table.write(write.changes);
      return write.workspace;
    } catch (error) {
      if (!(error instanceof WriteConflict) || !error.lost.some(({ index }) => index < write.own)) throw error;
      if (attempt === attempts) throw busy(current);
      current = await loadWorkspace(rules.table, id);
    }
  }
};

/** The transaction of a decision. Its first `own` changes are those another writer of the workspace can win. */
const plannedWrite = (
  current: WorkspaceRecord,
  decision: Decision | undefined,
  now: Date,
  alongside: Alongside = () => [],
): { workspace: WorkspaceRecord; changes: Change[]; own: number } => {
  const asSeen = { equals: { version: current.version } };
  const acts = decision?.acts ?? [];
  if (decision?.workspace === undefined && acts.length > 0) throw new TypeError('acts need the workspace they are on');
  const audit = recordActs(current.id, current.audit, acts, now);
  const workspace =
    decision?.workspace === undefined ? current : { ...stamped(current, decision.workspace, now), audit: audit.head };
  const own: Change[] = [
    workspace === current
      ? { check: workspaceKey(current.id), when: asSeen }
      : { put: workspaceItem(workspace), when: asSeen },
    ...(decision?.builds ?? []).map(buildChange),
  ];
  const more = [...(decision?.also ?? []), ...audit.changes, ...alongside(workspace)];
  const nothing = workspace === current && own.length === 1 && more.length === 0;
  return { workspace, changes: nothing ? [] : [...own, ...more], own: own.length };
};

const stamped = (before: WorkspaceRecord, after: WorkspaceRecord, now: Date): WorkspaceRecord => ({
  ...after,
  autostartAt: keptAutostart(before, after, now),
  version: before.version + 1,
  updatedAt: instant(now),
});

const busy = (workspace: WorkspaceRecord) =>
  new BerthError('conflict', `The workspace ${workspace.name} is being changed by others right now. Try again.`);
