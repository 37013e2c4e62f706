import { mostShares, type ShareWhat, type ShareWith } from '../../contracts/workspaces/sharing.ts';
import { quoted } from '../access/policy.ts';
import { inactiveReason } from '../access/share-limits.ts';
import {
  type SharedWith,
  type ShareRecord,
  shareIdOf,
  shareItem,
  shareKey,
  whatText,
  withText,
} from '../access/share-record.ts';
import { loadShare, loadShares } from '../access/share-store.ts';
import type { Actor, Person } from '../actor.ts';
import type { NewAuditEvent } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { isPersonId } from '../people/directory.ts';
import { loadPerson, personIdByName } from '../people/person-record.ts';
import type { Change, Table } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/records/workspace-record.ts';
import { refuseDeleted } from '../workspaces/rules/requests.ts';
import { changeWorkspace, findWorkspace, type WorkspaceUpdate } from '../workspaces/store.ts';

interface ShareRequest {
  what: ShareWhat;
  with: ShareWith;
  expiresAt?: string | undefined;
}

/** Shares a workspace of the person, or a part of it. Repeating a share changes only its expiry. */
export const createShare = async (
  rules: Rules,
  person: Person,
  reference: string,
  request: ShareRequest,
): Promise<{ workspace: WorkspaceRecord; share: ShareRecord }> => {
  const first = await findWorkspace(rules, person, reference, 'share');
  const share = shareOf(first.id, person, request, await sharedWith(rules.table, person, request.with), rules.clock());
  let created = share;
  const decide = async (workspace: WorkspaceRecord): Promise<WorkspaceUpdate | undefined> => {
    refuseDeleted(workspace);
    requireActiveShare(share, workspace, rules);
    const { shares: existing, unreadable } = await loadShares(rules, workspace.id);
    const before = existing.find(({ id }) => id === share.id);
    created = before === undefined ? share : { ...share, createdAt: before.createdAt, createdBy: before.createdBy };
    if (before !== undefined && before.expiresAt === share.expiresAt) return undefined;
    const expired = existing.filter(({ id, expiresAt }) => id !== share.id && isExpired(expiresAt, rules.clock()));
    const count = existing.length + unreadable - expired.length;
    if (before === undefined && count >= mostShares) throw tooManyShares(workspace);
    const also: Change[] = expired.map(({ id }) => ({ delete: shareKey(workspace.id, id) }));
    return {
      workspace,
      auditEvents: [shareEvent('share.create', person, created)],
      also: [...also, { put: shareItem(created) }],
    };
  };
  const workspace = await changeWorkspace(rules, first.id, decide, { first });
  return { workspace, share: created };
};

/** Revokes a share. Its audit event ends the open connections within a second. */
export const revokeShare = async (rules: Rules, actor: Actor, reference: string, id: string): Promise<void> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const decide = async (workspace: WorkspaceRecord): Promise<WorkspaceUpdate> => {
    const share = await loadShare(rules.table, workspace.id, id);
    if (share === undefined) throw noShare(workspace);
    const also: Change[] = [{ delete: shareKey(workspace.id, id) }];
    return { workspace, auditEvents: [shareEvent('share.revoke', actor, share)], also };
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

/** Resolves the recipient. A deactivated person is not reported, because a share grants them nothing. */
const sharedWith = async (table: Table, actor: Person, wanted: ShareWith): Promise<SharedWith> => {
  if (wanted.kind !== 'person') return wanted;
  const id = isPersonId(wanted.person) ? wanted.person : await personIdByName(table, wanted.person);
  const person = id === undefined ? undefined : await loadPerson(table, id);
  if (person === undefined) throw noSuchPerson(wanted.person);
  if (person.id === actor.id) {
    throw new BerthError('invalid_request', 'You own this workspace. Share it with another person.', {
      field: 'with.person',
    });
  }
  return { kind: 'person', id: person.id, name: person.name };
};

const noSuchPerson = (name: string) =>
  new BerthError(
    'not_found',
    `Berth does not know a person ${quoted(name)}. Ask them to sign in to Berth once, or share with a group.`,
    { field: 'with.person' },
  );

const isExpired = (expiresAt: string | undefined, now: Date): boolean =>
  expiresAt !== undefined && expiresAt <= instant(now);

/** Also records attempts of an owner to share further than the template and the installation allow. */
const requireActiveShare = (share: ShareRecord, workspace: WorkspaceRecord, rules: Rules): void => {
  const reason = inactiveReason(share, workspace, rules);
  if (reason === undefined) return;
  const refused = reason.error === 'forbidden' ? workspace.id : undefined;
  throw new BerthError(reason.error, `The workspace ${workspace.name} cannot be shared like this. ${reason.text}`, {
    field: reason.field,
    refused,
  });
};

const tooManyShares = ({ name }: WorkspaceRecord) =>
  new BerthError(
    'quota_exceeded',
    `The workspace ${name} has ${mostShares} shares, the maximum. Revoke one, or share with a group.`,
  );

const noShare = ({ name }: WorkspaceRecord) =>
  new BerthError(
    'not_found',
    `The workspace ${name} has no such share, or it was revoked. List the shares to see their IDs.`,
  );

const shareEvent = (action: 'share.create' | 'share.revoke', actor: Actor, share: ShareRecord): NewAuditEvent => ({
  action,
  actor,
  details: {
    share: share.id,
    what: whatText(share.what),
    with: withText(share.with),
    ...(action === 'share.revoke' || share.expiresAt === undefined ? {} : { until: share.expiresAt }),
  },
});
