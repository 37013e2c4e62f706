import { expect, test } from 'vitest';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Rules } from '../rules.ts';
import { deactivatePerson } from '../workspaces/people/activation.ts';
import { searchPeople } from './search.ts';
import { recordSignIn } from './sign-in.ts';

test('deactivated people do not displace active ones from the results', async () => {
  const now = new Date('2026-11-20T10:00:00.000Z');
  const rules: Rules = {
    table: openSqliteTable(':memory:'),
    clock: () => now,
    log: () => undefined,
    roleGroups: { admin: 'admins' },
  };
  const signedIn = (name: string, groups: string[] = []) =>
    recordSignIn(rules, { subject: `idp#${name}`, name, email: `${name}@corp.example`, groups, issuedAt: now });
  const grace = await signedIn('grace', ['admins']);
  for (const letter of 'abcdefghi') {
    const { id } = await signedIn(`al${letter}`);
    await deactivatePerson(rules, grace, id);
  }
  await signedIn('alz');
  const { items } = await searchPeople(rules, grace, 'al');
  expect(items.map(({ name }) => name)).toEqual(['alz']);
});
