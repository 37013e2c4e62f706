import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Item } from '../../core/ports/table.ts';
import { ItemKind } from '../../core/table/item-kind.ts';

const root = join(import.meta.dirname, '../..');

/** All exported kinds, and the number of kinds that the sources create. */
const kinds = new Map<string, ItemKind<object>>();
let created = 0;
for (const file of globSync('{compute,core,functions}/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] })) {
  const found = readFileSync(join(root, file), 'utf8').match(/= new ItemKind</g)?.length ?? 0;
  created += found;
  const exported: object = found === 0 ? {} : await import(join(root, file));
  for (const value of Object.values(exported)) if (value instanceof ItemKind) kinds.set(value.name, value);
}

test('every kind of item is exported, so that these tests include it', () => {
  expect(kinds.size).toBe(created);
});

/** The items of each release: files named by its version, which are never changed. */
const releases = globSync('*.json', { cwd: import.meta.dirname });

describe.each(releases)('the items of release %s', (release) => {
  const items: Record<string, Item> = JSON.parse(readFileSync(join(import.meta.dirname, release), 'utf8'));

  test.each(Object.entries(items))('%s can be read', (name, item) => {
    expect(kinds.get(name)?.read(item)).toBeDefined();
  });
});

/** Add an item of a new kind to the file of the release that introduces it. */
test('every kind has an item in a release', () => {
  const all = releases.flatMap((release) =>
    Object.keys(JSON.parse(readFileSync(join(import.meta.dirname, basename(release)), 'utf8'))),
  );
  expect([...kinds.keys()].filter((name) => !all.includes(name))).toEqual([]);
});

test('an item of the first version is written as it was read', () => {
  const items: Record<string, Item> = JSON.parse(readFileSync(join(import.meta.dirname, '0.1.0.json'), 'utf8'));
  for (const [name, item] of Object.entries(items)) {
    const kind = kinds.get(name);
    if (kind?.version === 1) expect(kind.item({ pk: item.pk, sk: item.sk }, kind.read(item))).toEqual(item);
  }
});
