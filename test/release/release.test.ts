import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, type Surface, surface } from './surface.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Lists of names to which a later release may add without breaking anybody. */
const mayGrow = new Set(['enum', 'choices', 'aliases', 'anyOf', 'oneOf', 'options']);

/** Where `now` lacks what `then` had, or has something else there. */
const brokenIn = (then: unknown, now: unknown, path: string): string[] => {
  if (Array.isArray(then) && Array.isArray(now) && mayGrow.has(path.split('.').at(-1) ?? '')) {
    const have = new Set(now.map((one) => JSON.stringify(one)));
    return then
      .filter((one) => !have.has(JSON.stringify(one)))
      .map((one) => `${path}: ${JSON.stringify(one)} is missing`);
  }
  if (Array.isArray(then) !== Array.isArray(now)) return [`${path} changed`];
  if (Array.isArray(then) && Array.isArray(now) && path.includes('requestBody') && now.length > then.length) {
    return [`${path}: a request must now have ${JSON.stringify(now.slice(then.length))}`];
  }
  if (!isObject(then) || !isObject(now)) return then === now ? [] : [`${path}: ${then} became ${now}`];
  return Object.entries(then).flatMap(([key, value]) =>
    key in now ? brokenIn(value, now[key], `${path}.${key}`) : [`${path}.${key} is missing`],
  );
};

const releases = globSync('*/', { cwd: import.meta.dirname }).filter((name) => /^\d+\.\d+\.\d+\/?$/.test(name));
const recorded = (release: string, name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, release, `${name}.txt`), 'utf8'));

test('at least one release is recorded', () => {
  expect(releases).not.toEqual([]);
});

describe.each(releases)('what release %s offered is still there', (release) => {
  test.each(Object.keys(surface) as Surface[])('%s', (name) => {
    expect(brokenIn(recorded(release, name), read(name), name)).toEqual([]);
  });
});

describe('the comparison', () => {
  const then = { path: { type: 'string', enum: ['a', 'b'], required: ['x'] } };
  test.each([
    ['a removed field', {}, ['r.path is missing']],
    ['a changed type', { path: { ...then.path, type: 'number' } }, ['r.path.type: string became number']],
    ['a removed enum value', { path: { ...then.path, enum: ['a'] } }, ['r.path.enum: "b" is missing']],
    ['another required field', { path: { ...then.path, required: ['y'] } }, ['r.path.required.0: x became y']],
    ['an added enum value and field', { path: { ...then.path, enum: ['b', 'c', 'a'] }, more: 1 }, []],
  ])('of an old and a new version: %s', (_, now, broken) => {
    expect(brokenIn(then, now, 'r')).toEqual(broken);
  });
});
