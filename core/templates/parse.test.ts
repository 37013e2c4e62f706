import { expect, test } from 'vitest';
import { BerthError } from '../errors.ts';
import { resolveExpressions } from './expressions.ts';
import { parseTemplate } from './parse.ts';

const refusal = (text: string): BerthError => {
  try {
    parseTemplate(text, 'demo/template.yaml');
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  throw new Error('the template was accepted');
};

const minimal = 'name: demo\ncompute:\n  kind: process\n';

test('a minimal template gets its defaults', () => {
  expect(parseTemplate(minimal)).toMatchObject({
    name: 'demo',
    parameters: [],
    agent: { startup: '', startupTimeout: '10m' },
    stop: { idleTimeout: '2h' },
  });
});

test.each([
  ['name: demo\ncompute:\n  kind: [process\n', 'demo/template.yaml:4:1'],
  ['name: demo\nname: again\ncompute: { kind: process }\n', 'demo/template.yaml:2:1'],
  [`${minimal}agnet:\n  startup: echo\n`, 'demo/template.yaml:4:1: agnet is not a field that a template has'],
  [`${minimal}stop:\n  idleTimeout: soon\n`, 'demo/template.yaml:5:16: stop.idleTimeout A duration is a whole number'],
  ['', 'demo/template.yaml:1:1: has to be a map, and is empty'],
  ['name: demo\n', 'demo/template.yaml:1:1: compute is missing'],
  [
    `${minimal}agent:\n  startup: 4\n`,
    'demo/template.yaml:5:12: agent.startup has to be a string, and is the number 4',
  ],
  [`${minimal}apps: { web: 1 }\n`, 'demo/template.yaml:4:7: apps has to be a list, and is a map'],
  [`${minimal}apps:\n  - { name: web, port: 70000 }\n`, 'apps.0.port has to be at most 65535'],
  [`${minimal}apps:\n  - { name: web, port: 1.5 }\n`, 'apps.0.port has to be a whole number, and is the number 1.5'],
  [
    `${minimal}parameters:\n  - { name: a, type: strin }\n`,
    'parameters.0.type has to be one of string, number, bool, list',
  ],
  [`${minimal}icon: cod\n`, 'icon has to be one of app, code,'],
  [`${minimal}apps:\n  - name: web\n  - name: web\n`, 'demo/template.yaml:6:11: apps.1.name "web" is there twice'],
  [
    `${minimal}agent:\n  startup: echo \${{ parameters.nope }}\n`,
    'demo/template.yaml:5:12: agent.startup uses the parameter "nope"',
  ],
  [
    `${minimal}agent:\n  startup: echo \${{ 1 + }}\n`,
    'demo/template.yaml:5:12: agent.startup has an expression that cannot be read',
  ],
  [`${minimal}icon: *nothing\n`, 'demo/template.yaml:4:7: *nothing is an alias of nothing before it'],
  [
    `${minimal}  spec: &spec { pod: { again: *spec } }\n`,
    'demo/template.yaml:4:31: *spec is an alias of what it is in',
  ],
  [`${minimal}  spec: { size: 1e300 }\n`, 'demo/template.yaml:4:17: compute.spec.size is a number too large'],
  [`${minimal}  spec: { deep: ${'['.repeat(40)}${']'.repeat(40)} }\n`, 'lies more than 24 lists and maps deep'],
])('%j is refused where it is wrong', (text, where) => {
  const error = refusal(text);
  expect(error.name).toBe('invalid_template');
  expect(error.message).toContain(where);
});

test('everything that is wrong is told at once', () => {
  const error = refusal('name: UPPER\ncompute: { kind: process }\nicon: nope\n');
  expect(error.errors?.map(({ field }) => field).sort()).toEqual(['icon', 'name']);
});

test.each([30, 300, 600, 3_000])('a file %i maps deep is refused, as any other that is wrong', (depth) => {
  const text = `${minimal}  spec: ${'{ a: '.repeat(depth)}0${' }'.repeat(depth)}\n`;
  expect(refusal(text).name).toBe('invalid_template');
});

test('few bytes that stand for very many are refused', () => {
  const nines = (of: string) => `[${Array(9).fill(of).join(', ')}]`;
  const levels = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
    (name, at) => `    ${name}: &${name} ${nines(`*${'abcdefg'[at]}`)}`,
  );
  const bomb = `${minimal}  spec:\n    a: &a ${nines('x')}\n${levels.join('\n')}\n`;
  expect(refusal(bomb).message).toContain('has aliases that stand for far too much');
});

test('of a file that is wrong everywhere, a hundred problems are told', () => {
  const text = Array.from({ length: 150 }, (_, at) => `x${at}: 1\n`).join('');
  expect(refusal(minimal + text + text).errors).toHaveLength(100);
});

test('a file of another name than it is published as is refused at its name', () => {
  expect(() => parseTemplate(minimal, 'demo/template.yaml', 'other')).toThrow(
    'demo/template.yaml:1:7: name is "demo", but it is published as "other"',
  );
  expect(parseTemplate(minimal, 'demo/template.yaml', 'demo').name).toBe('demo');
});

test('expressions keep the type of a value that is one expression alone, and stand in texts', () => {
  const context = {
    parameters: { cpu: 4, image: 'node', tags: ['a', 'b'] },
    workspace: { id: 'ws-1', name: 'demo', owner: 'ada' },
  };
  const resolved = resolveExpressions(
    {
      cpu: '${{ parameters.cpu }}',
      line: '${{ workspace.owner }}/${{ parameters.image }}',
      tags: '${{ parameters.tags }}',
    },
    context,
  );
  expect(resolved).toEqual({ cpu: 4, line: 'ada/node', tags: ['a', 'b'] });
});

test('a value is never read as an expression again', () => {
  const context = { parameters: { text: '${{ workspace.owner }}' }, workspace: { id: 'i', name: 'n', owner: 'ada' } };
  expect(resolveExpressions('say ${{ parameters.text }}', context)).toBe('say ${{ workspace.owner }}');
});
