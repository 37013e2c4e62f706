import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupsOf } from './groups.ts';

it.each<[string | undefined, string[]]>([
  ['["a","b"]', ['a', 'b']],
  ['[ "a" , "b" ]', ['a', 'b']],
  ['["a, b","c[1]"]', ['a, b', 'c[1]']],
  ['[a, b]', ['a', 'b']],
  ['[a]', ['a']],
  ['a,b', ['a', 'b']],
  ['a, b ,a', ['a', 'b']],
  ['platform admins', ['platform admins']],
  ['Größe', ['Größe']],
  [undefined, []],
  ['', []],
  ['[]', []],
  ['[ ]', []],
  [',,', []],
])('%j is %j', (text, groups) => {
  expect(groupsOf(text)).toEqual(groups);
});

it.each([
  ['half of JSON', '["x, platform-admins, y"'],
  ['JSON of another form', '{"groups":["platform-admins"]}'],
  ['JSON within JSON', '[["platform-admins"]]'],
  ['names that are no text', '["platform-admins",1]'],
  ['one JSON text', '"platform-admins"'],
  ['brackets that do not match', '[x, platform-admins'],
  ['brackets within', '[x], [platform-admins]'],
  ['brackets inside brackets', '[[platform-admins]]'],
  ['quotes in a list', 'x", platform-admins, "y'],
  ['a line break', 'platform\n-admins'],
  ['an escape', '["platform-admins\\u0000"]'],
  ['a name that is too long', 'a'.repeat(201)],
])('%s gives no group', (_, text) => {
  expect(groupsOf(text)).toEqual([]);
});

it('more names than any person has are cut off', () => {
  expect(groupsOf(Array.from({ length: 5_000 }, (_, i) => `g${i}`).join(','))).toHaveLength(200);
});

it('JSON keeps any name whole: no piece of one becomes a name of its own', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => text.trim() === text && !/\p{Cc}/u.test(text) && text !== '');
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 10 }), (names) => {
      expect(groupsOf(JSON.stringify(names))).toEqual(names);
    }),
  );
});
