import { beforeEach, describe, expect, test } from 'vitest';
import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import type { AuditEvent } from '../../../contracts/audit.ts';
import { recentRevocations } from '../../audit/revocations.ts';
import { authenticate } from '../../people/authenticate.ts';
import { listPeople } from '../../people/directory.ts';
import { loadPerson, type PersonRecord } from '../../people/person-record.ts';
import { recordSignIn } from '../../people/sign-in.ts';
import { createToken } from '../../people/tokens.ts';
import type { SignIn } from '../../ports/identity.ts';
import type { Table } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { activatePerson, deactivatePerson } from './activation.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const signInOf = (name: string, fields: Partial<SignIn> = {}): SignIn => ({
  subject: `idp#${name}`,
  name,
  email: `${name}@corp.example`,
  groups: ['grace', 'hedy'].includes(name) ? ['admins'] : [],
  issuedAt: now,
  ...fields,
});

let rules: Rules;
let ada: PersonRecord;
let grace: PersonRecord;
let hedy: PersonRecord;
beforeEach(async () => {
  rules = {
    table: openSqliteTable(':memory:'),
    clock: () => now,
    log: () => undefined,
    roleGroups: { admin: 'admins' },
  };
  const signedIn = (name: string) => recordSignIn(rules, signInOf(name));
  [ada, grace, hedy] = [await signedIn('ada'), await signedIn('grace'), await signedIn('hedy')];
});

const isActive = async ({ id }: PersonRecord) => (await loadPerson(rules.table, id))?.active;
const auditOf = async ({ id }: PersonRecord) => {
  const { items } = await rules.table.query({ pk: `audit#${id}`, limit: 100 });
  const events = items.map((item) => item['event'] as unknown as AuditEvent);
  return events.filter(({ action }) => action !== 'person.sign-in').map(({ action, actor }) => [action, actor]);
};

describe('a deactivated person', () => {
  test('is refused with every token, also with those that the provider issues afterwards', async () => {
    const { secret } = await createToken(rules, ada, { name: 'ci', days: 1 });
    const identity = { verify: async () => signInOf('ada', { issuedAt: new Date(now.getTime() + 60_000) }) };
    await deactivatePerson(rules, grace, 'ada');
    const refused = { name: 'unauthenticated', message: expect.stringContaining('not active') };
    await expect(authenticate(rules, identity, secret)).rejects.toMatchObject(refused);
    for (const fields of [{}, { groups: ['admins'] }, { signedInAt: new Date(now.getTime() + 50_000) }]) {
      const later = { verify: async () => ({ ...(await identity.verify()), ...fields }) };
      await expect(authenticate(rules, later, 'a sign-in token')).rejects.toMatchObject(refused);
    }
    expect(await isActive(ada)).toBe(false);
    await activatePerson(rules, grace, 'ada');
    expect((await authenticate(rules, identity, secret)).name).toBe('ada');
    expect((await authenticate(rules, identity, 'a sign-in token')).name).toBe('ada');
  });

  test('is named by a revocation, so that gateways recheck their connections', async () => {
    await deactivatePerson(rules, grace, ada.id);
    expect([...(await recentRevocations(rules, now)).values()]).toEqual([ada.id]);
  });

  test('is audited once with its admin, however often it is requested', async () => {
    const events = async () => (await loadPerson(rules.table, ada.id))?.audit.seq;
    await Promise.all([grace, hedy, grace, hedy].map((admin) => deactivatePerson(rules, admin, 'ada')));
    const after = await events();
    await deactivatePerson(rules, hedy, ada.id);
    expect(await events()).toBe(after);
    await Promise.all([grace, hedy].map((admin) => activatePerson(rules, admin, 'ada')));
    expect(await auditOf(ada)).toEqual([
      ['person.deactivate', expect.stringMatching(`${grace.id}|${hedy.id}`)],
      ['person.activate', expect.stringMatching(`${grace.id}|${hedy.id}`)],
    ]);
  });

  test('stays deactivated when a concurrent sign-in is written', async () => {
    const { promise: deactivated, resolve } = Promise.withResolvers<void>();
    const { table } = rules;
    const write: Table['write'] = async (changes) => {
      await deactivated;
      await table.write(changes);
    };
    const later = signInOf('ada', { signedInAt: new Date(now.getTime() + 50_000) });
    const underWay = recordSignIn({ ...rules, table: { ...table, write } }, later);
    await deactivatePerson(rules, grace, 'ada');
    resolve();
    await expect(underWay).rejects.toMatchObject({ name: 'unauthenticated' });
    expect(await isActive(ada)).toBe(false);
  });
});

describe('the last admin stays active', () => {
  test('because nobody can deactivate themselves', async () => {
    await expect(deactivatePerson(rules, grace, 'grace')).rejects.toMatchObject({
      name: 'forbidden',
      message: expect.stringContaining('cannot deactivate yourself'),
      refused: grace.id,
    });
    expect(await auditOf(grace)).toEqual([]);
  });

  test('because of two who deactivate each other at once only one succeeds', async () => {
    const outcomes = await Promise.allSettled([
      deactivatePerson(rules, grace, 'hedy'),
      deactivatePerson(rules, hedy, 'grace'),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([await isActive(grace), await isActive(hedy)].sort()).toEqual([false, true]);
  });
});

test('people are listed by name in pages', async () => {
  const first = await listPeople(rules, grace, { limit: 2 });
  expect(first.items.map(({ name, email }) => [name, email])).toEqual([
    ['ada', 'ada@corp.example'],
    ['grace', 'grace@corp.example'],
  ]);
  const rest = await listPeople(rules, grace, { limit: 2, cursor: first.next });
  expect(rest).toMatchObject({ items: [{ name: 'hedy', active: true }] });
  expect(rest.next).toBeUndefined();
});
