import { describe, expect, it } from 'vitest';
import { foundTemplates, nameInFile } from './templates.ts';

describe('foundTemplates', () => {
  const old = { name: 'old', displayName: 'Old', description: 'Node 18', deprecated: { message: '' } };
  const node = { name: 'node', displayName: 'Node', description: 'Node 24 and tools' };

  it('finds by every word, deprecated ones last', () => {
    expect(foundTemplates([old, node], '')).toEqual([node, old]);
    expect(foundTemplates([old, node], 'node tools')).toEqual([node]);
    expect(foundTemplates([old, node], 'python')).toEqual([]);
  });
});

describe('nameInFile', () => {
  it.each([
    ['name: shop', 'shop'],
    ['# x\nname: "shop-2" # ours\ncompute: {}', 'shop-2'],
    ["displayName: Shop\nname: 'shop'\n", 'shop'],
  ])('reads %j', (text, name) => {
    expect(nameInFile(text)).toBe(name);
  });

  it.each(['', 'displayName: shop', 'name: Shop', 'name: ../x', 'apps:\n  - name: web'])('reads none of %j', (text) => {
    expect(nameInFile(text)).toBeUndefined();
  });
});
