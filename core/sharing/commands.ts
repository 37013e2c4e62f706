import { mostShares, type ShareWhat, type ShareWith } from '../../contracts/sharing.ts';
import { quoted } from '../access.ts';
import type { Actor, Person } from '../actor.ts';
import type { Act } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { isPersonId } from '../people/directory.ts';
import { loadPerson, personIdByName } from '../people/people.ts';
import type { Change, Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { refuseDeleted } from '../workspaces/requests.ts';
import { changeWorkspace, type Decision, findWorkspace } from '../workspaces/store.ts';
import { lapseOf } from './lapse.ts';
import { type SharedWith, type ShareRecord, shareIdOf, shareItem, shareKey, whatText, withText } from './record.ts';
import { loadShare, loadShares } from './store.ts';

export interface ShareRequest {
  what: ShareWhat;
  with: ShareWith;
  expiresAt?: string | undefined;
}

/** Shares a workspace of the person's, or a part of it. The same again changes only when it ends. */
export const createShare = async (
  rules: Rules,
  person: Person,
  reference: string,
  request: ShareRequest,
): Promise<{ workspace: WorkspaceRecord; share: ShareRecord }> => {
  const first = await findWorkspace(rules, person, reference, 'share');
  const share = shareOf(first.id, person, request, await sharedWith(rules.table, person, request.with), rules.clock());
  let made = share;
  const decide = async (workspace: WorkspaceRecord): Promise<Decision | undefined> => {
    refuseDeleted(workspace);
    refuseLapsed(share, workspace, rules);
    const there = await loadShares(rules.table, workspace.id);
    const before = there.find(({ id }) => id === share.id);
    made = before === undefined ? share : { ...share, createdAt: before.createdAt, createdBy: before.createdBy };
    if (before !== undefined && before.expiresAt === share.expiresAt) return undefined;
    const over = there.filter(({ id, expiresAt }) => id !== share.id && isOver(expiresAt, rules.clock()));
    if (before === undefined && there.length - over.length >= mostShares) throw tooMany(workspace);
    const also: Change[] = over.map(({ id }) => ({ delete: shareKey(workspace.id, id) }));
    return { workspace, acts: [actOn('share.create', person, made)], also: [...also, { put: shareItem(made) }] };
  };
  const workspace = await changeWorkspace(rules, first.id, decide, { first });
  return { workspace, share: made };
};

/** Takes a share back. The note of the act ends what is open by it within a second. */
export const revokeShare = async (rules: Rules, actor: Actor, reference: string, id: string): Promise<void> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const decide = async (workspace: WorkspaceRecord): Promise<Decision> => {
    const share = await loadShare(rules.table, workspace.id, id);
    if (share === undefined) throw noShare(workspace);
    const also: Change[] = [{ delete: shareKey(workspace.id, id) }];
    return { workspace, acts: [actOn('share.revoke', actor, share)], also };
  };
  await changeWorkspace(rules, first.id, decide, { first });
};

const shareOf = (
  workspaceId: string,
  { name }: Person,
  { what, expiresAt }: ShareRequest,
  other: SharedWith,
  now: Date,
): ShareRecord => ({
  id: shareIdOf(what, other),
  workspaceId,
  what,
  with: other,
  createdAt: instant(now),
  createdBy: name,
  expiresAt,
});

/** With whom, the person looked up. One who is deactivated is not told apart: what is shared with them gives nothing. */
const sharedWith = async (table: Table, actor: Person, wanted: ShareWith): Promise<SharedWith> => {
  if (wanted.kind !== 'person') return wanted;
  const id = isPersonId(wanted.person) ? wanted.person : await personIdByName(table, wanted.person);
  const person = id === undefined ? undefined : await loadPerson(table, id);
  if (person === undefined) throw noSuchPerson(wanted.person);
  if (person.id === actor.id) {
    throw new BerthError('invalid_request', 'The workspace is yours already. Share it with somebody else.', {
      field: 'with.person',
    });
  }
  return { kind: 'person', id: person.id, name: person.name };
};

const noSuchPerson = (name: string) =>
  new BerthError(
    'not_found',
    `There is no person ${quoted(name)} in Berth. Whoever never signed in is not known yet: ask them to, or share with a group.`,
    { field: 'with.person' },
  );

const isOver = (expiresAt: string | undefined, now: Date): boolean =>
  expiresAt !== undefined && expiresAt <= instant(now);

/** An owner who would share further than template and installation let them is on record, too. */
const refuseLapsed = (share: ShareRecord, workspace: WorkspaceRecord, rules: Rules): void => {
  const lapse = lapseOf(share, workspace, rules);
  if (lapse === undefined) return;
  const refused = lapse.error === 'forbidden' ? workspace.id : undefined;
  throw new BerthError(lapse.error, `The workspace ${workspace.name} cannot be shared so. ${lapse.text}`, {
    field: lapse.field,
    refused,
  });
};

const tooMany = ({ name }: WorkspaceRecord) =>
  new BerthError(
    'quota_exceeded',
    `The workspace ${name} has ${mostShares} shares, which is the most. Take one back, or share with a group.`,
  );

const noShare = ({ name }: WorkspaceRecord) =>
  new BerthError('not_found', `The workspace ${name} has no such share (any more). List its shares to see their ids.`);

const actOn = (action: 'share.create' | 'share.revoke', actor: Actor, share: ShareRecord): Act => ({
  action,
  actor,
  details: {
    share: share.id,
    what: whatText(share.what),
    with: withText(share.with),
    ...(action === 'share.revoke' || share.expiresAt === undefined ? {} : { until: share.expiresAt }),
  },
});
