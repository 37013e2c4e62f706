import { describe, expect, it } from 'vitest';
import { WorkspaceName } from '../../../contracts/values/names.ts';
import { suggestName } from '../templates/newWorkspace.ts';
import { checkName } from './checkName.ts';

describe('suggestName', () => {
  it('is the template’s name, with a number if it is taken', () => {
    expect(suggestName('quickstart', [])).toBe('quickstart');
    expect(suggestName('quickstart', ['quickstart', 'quickstart-3'])).toBe('quickstart-2');
  });

  it('is a valid name for a template of 40 characters', () => {
    const long = 'a-very-long-name-of-a-template-as-it-may';
    const name = suggestName(long, []);
    expect(WorkspaceName.safeParse(name).success).toBe(true);
    expect(WorkspaceName.safeParse(suggestName(long, [name])).success).toBe(true);
    expect(WorkspaceName.safeParse(suggestName('aaaaaaaaaaaaaaaaaaaaaa-bbb', [])).success).toBe(true);
  });
});

describe('checkName', () => {
  it('explains what is wrong', () => {
    expect(checkName('demo')).toBeUndefined();
    expect(checkName('')).toBe('Enter a name.');
    expect(checkName('Demo')).toContain('lowercase letters');
    expect(checkName('a--b')).toContain('single hyphens');
    expect(checkName('a'.repeat(27))).toBe('A workspace name has at most 26 characters.');
  });
});
