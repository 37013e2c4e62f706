import { describe, expect, it } from 'vitest';
import { searchTemplates } from './searchTemplates.ts';

describe('searchTemplates', () => {
  const old = { name: 'old', displayName: 'Old', description: 'Node 18', deprecated: { message: '' } };
  const node = { name: 'node', displayName: 'Node', description: 'Node 24 and tools' };

  it('finds templates that contain every word, deprecated ones last', () => {
    expect(searchTemplates([old, node], '')).toEqual([node, old]);
    expect(searchTemplates([old, node], 'node tools')).toEqual([node]);
    expect(searchTemplates([old, node], 'python')).toEqual([]);
  });
});
