import { expect, it } from 'vitest';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { isPrefilled, prefillOf } from './prefill.ts';

const definitions = [
  { name: 'greeting', type: 'string' },
  { name: 'disk', displayName: 'Disk', type: 'number' },
  { name: 'gpu', type: 'bool' },
  { name: 'tools', type: 'list' },
  { name: 'name', type: 'string' },
].map((definition) => Parameter.parse(definition));

it('parses each parameter by its type, and the name of the workspace', () => {
  const search = { name: 'demo', greeting: '12', disk: '5', gpu: 'on', tools: 'git, vim', 'parameters.name': 'me' };
  expect(prefillOf(definitions, search)).toEqual({
    name: 'demo',
    values: { greeting: '12', disk: 5, gpu: true, tools: ['git', 'vim'], name: 'me' },
    wrong: {},
    unknown: [],
  });
});

it('reports values that do not fit the type, and unknown parameters', () => {
  expect(prefillOf(definitions, { disk: 'large', gpu: 'maybe', nothing: '1' })).toEqual({
    values: {},
    wrong: { 'parameters.disk': 'Disk cannot be “large”.', 'parameters.gpu': 'gpu cannot be “maybe”.' },
    unknown: ['nothing'],
  });
});

it('recognizes a link that fills in nothing', () => {
  expect(isPrefilled(prefillOf(definitions, {}))).toBe(false);
  expect(isPrefilled(prefillOf(definitions, { greeting: '' }))).toBe(true);
});
