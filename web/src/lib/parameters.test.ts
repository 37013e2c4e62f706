import { describe, expect, it } from 'vitest';
import { Parameter } from '../../../contracts/template.ts';
import { hasAllDefaults } from './defaults.ts';
import { changedParameters, checkForm, givenParameters, mustAsk, openingValues } from './parameters.ts';

const definitions = [
  { name: 'repo', type: 'string', default: '' },
  { name: 'cpu', type: 'number', min: 1, max: 8 },
  { name: 'gpu', type: 'bool', default: true, mutable: false },
  { name: 'tools', type: 'list', default: ['git'] },
  { name: 'branch', type: 'string', default: 'main', ephemeral: true },
].map((definition) => Parameter.parse(definition));

describe('openingValues', () => {
  it('are the defaults, or empty', () => {
    expect(openingValues(definitions)).toEqual({ repo: '', cpu: undefined, gpu: true, tools: ['git'], branch: 'main' });
  });

  it('are what the workspace has, save what is asked at each start', () => {
    const opened = openingValues(definitions, { cpu: 4, gpu: false, tools: [], branch: 'old' });
    expect(opened).toEqual({ repo: '', cpu: 4, gpu: false, tools: [], branch: 'main' });
  });
});

describe('checkForm', () => {
  it('names each field by the path the server uses', () => {
    expect(checkForm(definitions, openingValues(definitions))).toEqual({ 'parameters.cpu': 'cpu is required.' });
    expect(checkForm(definitions, { ...openingValues(definitions), cpu: 9 })).toEqual({
      'parameters.cpu': 'cpu must be at most 8.',
    });
  });
});

describe('what is sent', () => {
  it('leaves out what was not given', () => {
    expect(givenParameters(definitions, openingValues(definitions))).toEqual({
      repo: '',
      gpu: true,
      tools: ['git'],
      branch: 'main',
    });
  });

  it('holds only changes for a workspace that exists, and nothing that may not change', () => {
    const current = { repo: '', cpu: 4, gpu: true, tools: ['git'] };
    const form = { ...openingValues(definitions, current), cpu: 8, gpu: false };
    expect(changedParameters(definitions, form, current)).toEqual({ cpu: 8, branch: 'main' });
  });

  it('sets a parameter that a newer version brought, though it may not change later', () => {
    const form = openingValues(definitions, { cpu: 4 });
    expect(changedParameters(definitions, form, { cpu: 4 })).toMatchObject({ gpu: true });
  });
});

describe('mustAsk', () => {
  it('is true for a value that neither the template nor the workspace has', () => {
    expect(mustAsk(definitions, { cpu: 2 })).toBe(false);
    expect(mustAsk(definitions, {})).toBe(true);
    const pin = Parameter.parse({ name: 'pin', type: 'string', ephemeral: true });
    expect(mustAsk([pin], { pin: '1' })).toBe(true);
  });
});

describe('hasAllDefaults', () => {
  it('is what lets a workspace be made in one click', () => {
    expect(hasAllDefaults(definitions)).toBe(false);
    expect(hasAllDefaults(definitions.filter(({ name }) => name !== 'cpu'))).toBe(true);
    expect(hasAllDefaults([])).toBe(true);
  });
});
