import { describe, expect, it } from 'vitest';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { WorkspaceName } from '../../../contracts/values/names.ts';
import { hasAllDefaults, suggestName } from './newWorkspace.ts';

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

describe('hasAllDefaults', () => {
  it('is true if every parameter has a default', () => {
    const cpu = Parameter.parse({ name: 'cpu', type: 'number', min: 1, max: 8 });
    const branch = Parameter.parse({ name: 'branch', type: 'string', default: 'main' });
    expect(hasAllDefaults([cpu, branch])).toBe(false);
    expect(hasAllDefaults([branch])).toBe(true);
    expect(hasAllDefaults([])).toBe(true);
  });
});
