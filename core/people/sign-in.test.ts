import { beforeEach, expect, test } from 'vitest';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { SignIn } from '../ports/identity.ts';
import type { Rules } from '../rules.ts';
import { personKey } from './person-record.ts';
import { recordSignIn } from './sign-in.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 10, minutes));
let rules: Rules;
beforeEach(() => {
  rules = {
    table: openSqliteTable(':memory:'),
    clock: () => at(0),
    log: () => undefined,
    roleGroups: { admin: 'admins' },
  };
});

const signIn = (fields: Partial<SignIn> = {}): SignIn => ({
  subject: 'idp#1',
  name: 'Ada.Lovelace@corp.example',
  groups: ['engineering'],
  issuedAt: at(0),
  signedInAt: at(0),
  ...fields,
});

test('a person gets a user name that fits into a host, and an opaque id', async () => {
  const person = await recordSignIn(rules, signIn());
  expect(person).toMatchObject({ name: 'ada-lovelace', roles: ['member'] });
  expect(person.id).toMatch(/^p-[0-9a-f]{24}$/);
});

test.each([
  ['!!!', 'user'],
  ['9lives', 'lives'],
  ['a'.repeat(40), 'a'.repeat(18)],
  ['x--y', 'x-y'],
])('the name %s becomes %s', async (name, handle) => {
  expect((await recordSignIn(rules, signIn({ name }))).name).toBe(handle);
});

test('two people of one name get two user names', async () => {
  await recordSignIn(rules, signIn());
  const other = await recordSignIn(rules, signIn({ subject: 'idp#2' }));
  expect(other.name).toBe('ada-lovelace-2');
});

test('roles follow the groups of the newest token, never of an older one', async () => {
  const admin = signIn({ groups: ['admins'] });
  expect((await recordSignIn(rules, admin)).roles).toEqual(['member', 'admin']);
  const after = signIn({ groups: [], issuedAt: at(5) });
  expect((await recordSignIn(rules, after)).roles).toEqual(['member']);
  expect((await recordSignIn(rules, admin)).roles).toEqual(['member']);
});

test('a person who left is refused', async () => {
  const { id } = await recordSignIn(rules, signIn());
  const item = await rules.table.get(personKey(id));
  await rules.table.write([{ put: { ...personKey(id), ...item, active: false } }]);
  await expect(recordSignIn(rules, signIn({ issuedAt: at(9) }))).rejects.toMatchObject({ name: 'unauthenticated' });
});
