import { describe, expect, it } from 'vitest';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { changedParameters, checkForm, givenParameters, initialValues, needsInput } from './parameterForm.ts';

const definitions = [
  { name: 'repo', type: 'string', default: '' },
  { name: 'cpu', type: 'number', min: 1, max: 8 },
  { name: 'gpu', type: 'bool', default: true, mutable: false },
  { name: 'tools', type: 'list', default: ['git'] },
  { name: 'branch', type: 'string', default: 'main', ephemeral: true },
].map((definition) => Parameter.parse(definition));

describe('initialValues', () => {
  it('are the defaults, or empty values', () => {
    expect(initialValues(definitions)).toEqual({ repo: '', cpu: undefined, gpu: true, tools: ['git'], branch: 'main' });
  });

  it('are the values of the workspace, except for ephemeral parameters', () => {
    const opened = initialValues(definitions, { cpu: 4, gpu: false, tools: [], branch: 'old' });
    expect(opened).toEqual({ repo: '', cpu: 4, gpu: false, tools: [], branch: 'main' });
  });
});

describe('checkForm', () => {
  it('names each field by its path in the request', () => {
    expect(checkForm(definitions, initialValues(definitions))).toEqual({ 'parameters.cpu': 'cpu is required.' });
    expect(checkForm(definitions, { ...initialValues(definitions), cpu: 9 })).toEqual({
      'parameters.cpu': 'cpu must be at most 8.',
    });
  });
});

describe('the parameters to send', () => {
  it('omit parameters without a value', () => {
    expect(givenParameters(definitions, initialValues(definitions))).toEqual({
      repo: '',
      gpu: true,
      tools: ['git'],
      branch: 'main',
    });
  });

  it('are only the changes for an existing workspace, without fixed parameters', () => {
    const current = { repo: '', cpu: 4, gpu: true, tools: ['git'] };
    const form = { ...initialValues(definitions, current), cpu: 8, gpu: false };
    expect(changedParameters(definitions, form, current)).toEqual({ cpu: 8, branch: 'main' });
  });

  it('include a fixed parameter that a newer version added', () => {
    const form = initialValues(definitions, { cpu: 4 });
    expect(changedParameters(definitions, form, { cpu: 4 })).toMatchObject({ gpu: true });
  });
});

describe('needsInput', () => {
  it('is true if neither the template nor the workspace has a value', () => {
    expect(needsInput(definitions, { cpu: 2 })).toBe(false);
    expect(needsInput(definitions, {})).toBe(true);
    const pin = Parameter.parse({ name: 'pin', type: 'string', ephemeral: true });
    expect(needsInput([pin], { pin: '1' })).toBe(true);
  });
});
