import { expect, it } from 'vitest';
import { computeRegistry } from './registry.ts';
import { skeletonKind } from './skeleton/skeleton.ts';

const skeleton = skeletonKind(new Map());

it('finds a kind by its name', () => {
  const registry = computeRegistry([skeleton]);
  expect(registry.get('skeleton')).toBe(skeleton);
  expect(registry.all()).toEqual([skeleton]);
});

it('names the installed kinds when a template uses another', () => {
  expect(() => computeRegistry([skeleton]).get('mainframe')).toThrow(
    expect.objectContaining({
      name: 'invalid_template',
      field: 'compute.kind',
      message: expect.stringMatching(/"mainframe".*Use one of: skeleton\./),
    }),
  );
});

it('does not find a kind by the name of an object’s property', () => {
  expect(() => computeRegistry([skeleton]).get('constructor')).toThrow('not installed');
});
