import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupsAttribute, groupsOfAttribute, groupsOfClaim } from './groups.ts';

const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.trim() === text && !/\p{Cc}/u.test(text) && text !== '');
const names = fc.uniqueArray(name, { maxLength: 20 });

const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

it('names are decoded whole from any encoding of a provider', () => {
  fc.assert(
    fc.property(names, (groups) => {
      expect(groupsOfClaim(JSON.stringify(groups), 'OIDC')).toEqual(groups);
      expect(groupsOfClaim(`[${groups.map(formEncoded).join(',')}]`, 'SAML')).toEqual(groups);
      expect(groupsOfAttribute(groupsAttribute(groups, { roles: [] }).value)).toEqual(groups);
    }),
  );
});

it('the attribute never exceeds Cognito’s limit, and contains every group of a role that fits', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 300 }), (groups) => {
      const roles = groups.slice(-3);
      const { value, skipped } = groupsAttribute(groups, { roles });
      expect(value.length).toBeLessThanOrEqual(2_048);
      const included = groupsOfAttribute(value);
      expect(included).toEqual(expect.arrayContaining(roles));
      expect(included.length + skipped).toBe(groups.length);
    }),
  );
});

it.each([undefined, '', 'platform-admins', '[platform-admins]', '{"a":1}', '[["platform-admins"]]', '["a"'])(
  'an attribute that the trigger did not write, %j, yields no group',
  (attribute) => {
    expect(groupsOfAttribute(attribute)).toEqual([]);
  },
);

it.each([
  ['a line break', 'platform\n-admins'],
  ['a control character', 'platform-admins\u0000'],
  ['a name that is too long', 'a'.repeat(201)],
])('%s yields no group', (_, text) => {
  expect(groupsOfClaim(text, 'SAML')).toEqual([]);
  expect(groupsOfClaim(JSON.stringify([text]), 'OIDC')).toEqual([]);
});
