import { expect, it } from 'vitest';
import { Parameter } from '../../contracts/templates/parameters.ts';
import { parseParameters } from './parameters.ts';

const definitions = [
  { name: 'branch', type: 'string', default: 'main' },
  { name: 'cpus', type: 'number', min: 1, max: 8, integer: true, default: 2 },
  { name: 'debug', type: 'bool', default: false },
  { name: 'tools', type: 'list', default: [], options: [{ value: 'git' }, { value: 'make' }] },
  { name: 'team', displayName: 'Your team', type: 'string' },
].map((definition) => Parameter.parse(definition));

const read = (...assignments: string[]) => parseParameters(definitions, assignments, { complete: false });

it('parses every type', () => {
  expect(read('branch=a=b', 'cpus=4', 'debug=Yes', 'tools=git, make')).toEqual({
    branch: 'a=b',
    cpus: 4,
    debug: true,
    tools: ['git', 'make'],
  });
  expect(read('branch=', 'tools=', 'debug=false')).toEqual({ branch: '', tools: [], debug: false });
  expect(read()).toEqual({});
});

it.each([
  ['cpus=four', 'cpus must be a number.'],
  ['cpus=', 'cpus must be a number.'],
  ['cpus=9', 'cpus must be at most 8.'],
  ['debug=maybe', 'debug must be on or off. Use true or false.'],
  ['tools=git,rm', 'not “rm”. Separate its items with commas.'],
  ['speed=1', 'The template has no parameter "speed". Its parameters: branch, cpus, debug, tools, team.'],
  ['branch', 'Use -p name=value.'],
  ['=x', 'Use -p name=value.'],
])('refuses -p %s', (assignment, message) => {
  expect(() => read(assignment)).toThrow(message);
});

it('reports all problems in one usage error', () => {
  expect(() => parseParameters(definitions, ['cpus=0', 'branch=a', 'branch=b'], { complete: true })).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringMatching(
        /cpus must be at least 1[\s\S]*branch is set twice[\s\S]*Your team is required: add -p team=…/,
      ),
    }),
  );
});
