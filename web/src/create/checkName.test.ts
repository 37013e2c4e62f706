import { describe, expect, it } from 'vitest';
import { checkName } from './checkName.ts';

describe('checkName', () => {
  it('explains what is wrong', () => {
    expect(checkName('demo')).toBeUndefined();
    expect(checkName('')).toBe('Enter a name.');
    expect(checkName('Demo')).toContain('lowercase letters');
    expect(checkName('a--b')).toContain('single hyphens');
    expect(checkName('a'.repeat(27))).toBe('A workspace name has at most 26 characters.');
  });
});
