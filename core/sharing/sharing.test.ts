import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { SessionKind } from '../../contracts/sessions/session.ts';
import { SharingLimit, type SharingLimits } from '../../contracts/templates/sharing-limits.ts';
import { requireAccess } from '../access/access-targets.ts';
import type { AccessTarget } from '../access/browser-only.ts';
import { type ShareRecord, shareIdOf, shareItem } from '../access/share-record.ts';
import { loadShares } from '../access/share-store.ts';
import { chainStart } from '../audit/audit-events.ts';
import { recentRevocations } from '../audit/revocations.ts';
import { accessGrantFor } from '../connections/sessions/access-grant.ts';
import { BerthError } from '../errors.ts';
import { type PersonRecord, personItem, userNameKey } from '../people/person-record.ts';
import { ada } from '../people/testing/records.ts';
import type { Rules } from '../rules.ts';
import { deleteWorkspace } from '../workspaces/commands/transitions.ts';
import { nameKey, type WorkspaceRecord, workspaceItem } from '../workspaces/records/workspace-record.ts';
import { givenWorkspace, now } from '../workspaces/testing/records.ts';
import { createShare, revokeShare } from './commands.ts';
import { listShared } from './queries.ts';

let table: SqliteTable;
beforeEach(() => {
  table = openSqliteTable(':memory:', { consumers: [] });
});
afterEach(() => table.close());

const linus: PersonRecord = { ...ada, id: 'p-linus', name: 'linus', groups: ['devs'] };
const app = (name: string) => ({ name, icon: 'web' as const, path: '/' });
const demo = givenWorkspace({ apps: [app('web'), { ...app('api'), port: 3_000 }] });
const minute = (n: number) => new Date(now.getTime() + n * 60_000).toISOString();

const shareOf = (fields: Pick<ShareRecord, 'what' | 'with' | 'expiresAt'>, workspaceId = demo.id): ShareRecord => ({
  id: shareIdOf(fields.what, fields.with),
  workspaceId,
  createdAt: minute(-10),
  createdBy: 'ada',
  ...fields,
});

/** The input of a decision: shares and limits of all kinds, a person, and the target that they open. */
const appName = fc.constantFrom('web', 'api', 'gone');
const port = fc.constantFrom(3_000, 8_000);
const what: fc.Arbitrary<ShareRecord['what']> = fc.oneof(
  fc.constant({ kind: 'workspace' } as const),
  appName.map((name) => ({ kind: 'app', app: name }) as const),
  port.map((number) => ({ kind: 'port', port: number }) as const),
);
const other: fc.Arbitrary<ShareRecord['with']> = fc.oneof(
  fc.constantFrom('linus', 'grace').map((name) => ({ kind: 'person', id: `p-${name}`, name }) as const),
  fc.constantFrom('devs', 'ops').map((group) => ({ kind: 'group', group }) as const),
  fc.constant({ kind: 'everyone' } as const),
);
const expiresAt = fc.option(fc.constantFrom(minute(-1), minute(0), minute(1)), { nil: undefined });
const share = fc.record({ what, with: other, expiresAt });
const limits: fc.Arbitrary<SharingLimits> = fc.record({
  apps: fc.constantFrom(...SharingLimit.options),
  workspace: fc.constantFrom(...SharingLimit.options),
});
const credential = fc.constantFrom<AccessTarget['credential'][]>('browser', 'token');
const target: fc.Arbitrary<AccessTarget> = fc.oneof(
  fc.record({ kind: fc.constant('app' as const), app: appName, credential }),
  fc.record({ kind: fc.constant('port' as const), port, credential }),
  fc.record({
    kind: fc.constant('session' as const),
    session: fc.constantFrom(...SessionKind.options),
    credential,
  }),
);
const person = fc.record({
  id: fc.constantFrom('p-ada', 'p-linus', 'p-grace', 'p-sam'),
  groups: fc.subarray(['devs', 'ops', 'people']),
  roles: fc.constantFrom<PersonRecord['roles'][]>(['member'], ['member', 'admin'], ['member', 'auditor']),
});
const situation = fc.record({
  shares: fc.array(share, { maxLength: 4 }),
  template: limits,
  installation: limits,
  browserOnly: fc.constantFrom('no', 'template', 'installation'),
  person,
  target,
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

/** The policy, written independently: what each kind of share permits, and what restricts it. */
const width = { none: 0, people: 1, groups: 2, everyone: 3 };
const reach = { person: 1, group: 2, everyone: 3 };
const isActive = ({ template, installation }: Situation, given: Situation['shares'][number]): boolean => {
  const of = given.what.kind === 'workspace' ? 'workspace' : 'apps';
  const isExpired = given.expiresAt !== undefined && given.expiresAt <= minute(0);
  return !isExpired && reach[given.with.kind] <= Math.min(width[template[of]], width[installation[of]]);
};
const isWith = ({ person: { id, groups } }: Situation, { with: whom }: Situation['shares'][number]): boolean =>
  whom.kind === 'everyone' || (whom.kind === 'person' ? whom.id === id : groups.includes(whom.group));
const opens = ({ target: tried }: Situation, { what: given }: Situation['shares'][number]): boolean => {
  if (given.kind === 'workspace') return true;
  if (given.kind === 'app') return tried.kind === 'app' && tried.app === given.app && given.app !== 'gone';
  return tried.kind === 'port' && tried.port === given.port;
};
const expected = (s: Situation): string => {
  const direct =
    s.target.credential === 'token' ||
    (s.target.kind === 'session' && s.target.session !== 'terminal') ||
    (s.target.kind === 'port' && s.target.port !== 3_000);
  const isOwner = s.person.id === 'p-ada';
  const hidden = (given: Situation['shares'][number]) =>
    s.browserOnly !== 'no' && given.what.kind === 'port' && given.what.port !== 3_000;
  const may = s.shares.some((given) => isActive(s, given) && isWith(s, given) && opens(s, given) && !hidden(given));
  if (!isOwner && !may) return 'not_found';
  return s.browserOnly !== 'no' && direct ? 'forbidden' : 'allowed';
};

const outcome = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'allowed';
  } catch (error) {
    if (error instanceof BerthError) return error.name;
    throw error;
  }
};

describe('the policy', () => {
  test('permits exactly what an active share with the person, within all limits, permits', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (s) => {
        await table.write([{ put: workspaceItem(demo) }]);
        for (const { id } of await sharesOf(demo.id)) {
          await table.write([{ delete: { pk: `workspace#${demo.id}`, sk: `share#${id}` } }]);
        }
        for (const each of s.shares) await table.write([{ put: shareItem(shareOf(each)) }]);
        // Of two equal shares, the later one applies.
        const shares = [...new Map(s.shares.map((each) => [shareOf(each).id, each])).values()];
        const installation = { sharing: s.installation, browserOnly: s.browserOnly === 'installation' };
        const rules: Rules = { table, clock: () => now, log: () => undefined, roleGroups: {}, installation };
        const workspace = { ...demo, sharing: s.template, browserOnly: s.browserOnly === 'template' };
        const actor = { ...linus, ...s.person };
        const got = await outcome(requireAccess(rules, actor, s.target, workspace));
        expect(got).toBe(expected({ ...s, shares }));
      }),
      { numRuns: 300 },
    );
  });
});

const sharesOf = async (id: string) => (await loadShares(rulesAt(), id)).shares;
const rulesAt = (at = now): Rules => ({ table, clock: () => at, log: () => undefined, roleGroups: {} });
const given = async (workspace: WorkspaceRecord): Promise<void> => {
  const claim = { ...nameKey(workspace.ownerId, workspace.name), workspaceId: workspace.id };
  await table.write([{ put: workspaceItem(workspace) }, { put: claim }]);
};

describe('a share', () => {
  beforeEach(async () => {
    const handle = { ...userNameKey(linus.name), personId: linus.id };
    await table.write([{ put: personItem(ada) }, { put: personItem(linus) }, { put: handle }]);
    await given(demo);
  });
  const request = (number: number, until?: string) => ({
    what: { kind: 'port' as const, port: number },
    with: { kind: 'person' as const, person: linus.name },
    expiresAt: until,
  });
  const make = (number: number, until?: string, at?: Date) =>
    createShare(rulesAt(at), ada, demo.id, request(number, until));

  test('is refused beyond the maximum, also when several are created at the same time', async () => {
    for (let n = 1; n <= 46; n += 1) await make(n);
    const outcomes = await Promise.all([47, 48, 49, 50, 51, 52].map((n) => outcome(make(n))));
    expect(outcomes.filter((one) => one === 'allowed')).toHaveLength(4);
    expect(await sharesOf(demo.id)).toHaveLength(50);
  });

  test('that has expired makes room for another', async () => {
    for (let n = 1; n <= 50; n += 1) await make(n, minute(5));
    await expect(make(60)).rejects.toMatchObject({ name: 'quota_exceeded' });
    await make(60, undefined, new Date(minute(5)));
    expect(await sharesOf(demo.id)).toHaveLength(1);
  });

  test('whose expiry is removed stays', async () => {
    await make(1, minute(5));
    await make(1);
    table.deleteExpired(new Date(minute(60)));
    expect(await sharesOf(demo.id)).toHaveLength(1);
  });

  test('is created once by concurrent equal requests, with one audit event', async () => {
    await Promise.all([make(1), make(1), make(1)]);
    const { items } = await table.query({ pk: `audit#${demo.id}`, limit: 100 });
    expect(items).toHaveLength(1);
  });

  test('that is revoked is reported to every gateway', async () => {
    const { share: made } = await make(1);
    expect([...(await recentRevocations(rulesAt(), now)).values()]).toEqual([]);
    await revokeShare(rulesAt(), ada, demo.id, made.id);
    expect([...(await recentRevocations(rulesAt(), now)).values()]).toEqual([demo.id]);
  });

  test('is revoked once by two concurrent requests', async () => {
    const { share: made } = await make(1);
    const revoke = () => outcome(revokeShare(rulesAt(), ada, demo.id, made.id));
    expect((await Promise.all([revoke(), revoke()])).sort()).toEqual(['allowed', 'not_found']);
  });

  test('is deleted when the deletion of its workspace is requested, and no other can be created then', async () => {
    await make(1);
    await deleteWorkspace(rulesAt(), ada, demo.id);
    expect(await sharesOf(demo.id)).toEqual([]);
    await expect(make(2)).rejects.toMatchObject({ name: 'wrong_state' });
  });
});

describe('an access grant', () => {
  const rules = rulesAt();
  const keyOf = (personId: string, open: AccessTarget): string => accessGrantFor(rules, demo, { personId }, open).key;
  const web: AccessTarget = { kind: 'app', app: 'web', credential: 'browser' };
  const api: AccessTarget = { kind: 'app', app: 'api', credential: 'browser' };
  const session = (credential: AccessTarget['credential']): AccessTarget => ({
    kind: 'session',
    session: 'terminal',
    credential,
  });

  test('is one for all of an owner’s targets, except those that a browser-only workspace lacks', () => {
    expect(keyOf(ada.id, web)).toBe(keyOf(ada.id, session('browser')));
    expect(keyOf(ada.id, web)).not.toBe(keyOf(ada.id, session('token')));
  });

  test('is a separate one for each shared target', () => {
    const keys = [web, api, session('browser'), session('token')].map((open) => keyOf(linus.id, open));
    expect(new Set(keys).size).toBe(4);
  });
});

describe('the list of shared workspaces', () => {
  const id = (n: number) => `ws-${String(n).padStart(26, '0')}`;
  const everyone = { kind: 'everyone' } as const;
  const sharing: SharingLimits = { apps: 'everyone', workspace: 'everyone' };

  const givenMany = async (count: number, shares: (n: number) => Pick<ShareRecord, 'what' | 'with'>[]) => {
    for (let n = 1; n <= count; n += 1) {
      await given({ ...demo, id: id(n), name: `w${n}`, sharing, audit: chainStart });
      for (const each of shares(n))
        await table.write([{ put: shareItem(shareOf({ ...each, expiresAt: undefined }, id(n))) }]);
    }
  };
  const all = async (person: PersonRecord, limit: number) => {
    const pages: { id: string; shares: number }[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listShared(rulesAt(), person, { limit, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(page.items.map(({ workspace, shared }) => ({ id: workspace.id, shares: shared.length })));
      if (page.next === undefined) return pages;
      cursor = page.next;
    }
  };

  test('has pages that list each workspace once, with all of its shares', async () => {
    await givenMany(7, (n) => [
      { what: { kind: 'app', app: 'web' }, with: { kind: 'person', id: linus.id, name: 'linus' } },
      { what: { kind: 'workspace' }, with: { kind: 'group', group: 'devs' } },
      ...(n % 2 === 0 ? [{ what: { kind: 'app', app: 'api' }, with: everyone } as const] : []),
      { what: { kind: 'workspace' }, with: { kind: 'group', group: 'ops' } },
    ]);
    const pages = await all(linus, 3);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => ({ id: id(n), shares: n % 2 === 0 ? 3 : 2 })));
  });

  test('is complete when a query ends in the middle of a workspace', async () => {
    const ports = Array.from(
      { length: 30 },
      (_, n) => ({ what: { kind: 'port', port: n + 1 }, with: everyone }) as const,
    );
    await givenMany(5, () => ports);
    const pages = await all(linus, 10);
    expect(pages.flat()).toEqual([1, 2, 3, 4, 5].map((n) => ({ id: id(n), shares: 30 })));
  });

  test('omits the person’s own workspaces, deleted ones, and shares that the limits forbid', async () => {
    await givenMany(1, () => [{ what: { kind: 'workspace' }, with: everyone }]);
    expect((await all(ada, 10)).flat()).toEqual([]);
    expect((await all(linus, 10)).flat()).toHaveLength(1);
    await given({ ...demo, id: id(1), sharing: { apps: 'everyone', workspace: 'groups' } });
    expect((await all(linus, 10)).flat()).toEqual([]);
    await given({ ...demo, id: id(1), sharing, desired: 'deleted' });
    expect((await all(linus, 10)).flat()).toEqual([]);
  });

  test('refuses a cursor of another list', async () => {
    const list = listShared(rulesAt(), linus, { limit: 10, cursor: 'shared#person#p-grace' });
    await expect(list).rejects.toMatchObject({ name: 'invalid_request' });
  });
});
