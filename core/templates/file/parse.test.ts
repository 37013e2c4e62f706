import { expect, test } from 'vitest';
import { BerthError } from '../../errors.ts';
import { resolveExpressions } from './expressions.ts';
import { parseTemplate, readTemplate, type TemplateCheck } from './parse.ts';

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
  [
    `${minimal}agent:\n  startupTimeout: 30d\n`,
    'demo/template.yaml:5:19: agent.startupTimeout must be at most 12h: a start that takes longer than a day is abandoned',
  ],
  [`${minimal}stop:\n  idleTimeout: 4000d\n`, 'stop.idleTimeout must be at most 366d'],
  [`${minimal}stop:\n  maxRuntime: 999999h\n`, 'stop.maxRuntime must be at most 366d'],
  [`${minimal}stop:\n  maxExtension: 999999d\n`, 'stop.maxExtension must be at most 366d'],
  [`${minimal}apps:\n  - { name: web, port: 1, health: { every: 2h } }\n`, 'apps.0.health.every must be at most 1h'],
  ['', 'demo/template.yaml:1:1: must be a map, but is empty'],
  ['name: demo\n', 'demo/template.yaml:1:1: compute is missing'],
  [`${minimal}agent:\n  startup: 4\n`, 'demo/template.yaml:5:12: agent.startup must be a string, but is the number 4'],
  [`${minimal}apps: { web: 1 }\n`, 'demo/template.yaml:4:7: apps must be a list, but is a map'],
  [`${minimal}apps:\n  - { name: web, port: 70000 }\n`, 'apps.0.port must be at most 65535'],
  [`${minimal}apps:\n  - { name: web, port: 1.5 }\n`, 'apps.0.port must be a whole number, but is the number 1.5'],
  [
    `${minimal}parameters:\n  - { name: a, type: strin }\n`,
    'parameters.0.type must be one of string, number, bool, list',
  ],
  [`${minimal}icon: cod\n`, 'icon must be one of app, code,'],
  [`${minimal}apps:\n  - name: web\n  - name: web\n`, 'demo/template.yaml:6:11: apps.1.name "web" is used twice'],
  [
    `${minimal}agent:\n  startup: echo \${{ parameters.nope }}\n`,
    'demo/template.yaml:5:12: agent.startup uses the parameter "nope"',
  ],
  [
    `${minimal}agent:\n  startup: echo \${{ 1 + }}\n`,
    'demo/template.yaml:5:12: agent.startup has an expression that cannot be parsed',
  ],
  [`${minimal}icon: *nothing\n`, 'demo/template.yaml:4:7: *nothing has no anchor before it'],
  [
    `${minimal}  spec: &spec { pod: { again: *spec } }\n`,
    'demo/template.yaml:4:31: *spec refers to a list or map that contains it',
  ],
  [`${minimal}  spec: { size: 1e300 }\n`, 'demo/template.yaml:4:17: compute.spec.size is a number too large'],
  [`${minimal}  spec: { deep: ${'['.repeat(40)}${']'.repeat(40)} }\n`, 'is nested in more than 24 lists and maps'],
])('%j is refused, at the line and column of the mistake', (text, where) => {
  const error = refusal(text);
  expect(error.name).toBe('invalid_template');
  expect(error.message).toContain(where);
});

test('all problems of a file are reported together', () => {
  const error = refusal('name: UPPER\ncompute: { kind: process }\nicon: nope\n');
  expect(error.errors?.map(({ field }) => field).sort()).toEqual(['icon', 'name']);
});

/** `line:column: field`, in the order in which they are reported. */
const reported = (text: string, check?: TemplateCheck): string[] => {
  const { problems } = readTemplate(text, 'demo', check);
  return problems.map(({ line, column, field }) => `${line}:${column}: ${field}`);
};

test('problems of all kinds are reported together, each at its line and column', () => {
  const text = `name: other
icon: nope
colour: red
parameters:
  - { name: size, type: strin, default: 1 }
  - { name: disk, type: number, max: 10, default: 20 }
  - { name: disk, type: bool }
compute:
  kind: process
  spec: { cpu: "\${{ 1 + }}", much: 1e300, none: *nothing }
agent:
  startup: echo \${{ parameters.size }} \${{ parameters.nope }}
  startupTimeout: soon
apps:
  - { name: Web, port: 80000 }
  - { name: web }
  - { name: web }
stop: { idleTimeout: 6m }
stop: { idleTimeout: 5m }
`;
  const check: TemplateCheck = () => [{ path: ['compute', 'spec', 'much'], detail: 'is unknown' }];
  expect(reported(text, check)).toEqual([
    '1:7: name',
    '2:7: icon',
    '3:1: colour',
    '5:25: parameters.0.type',
    '6:51: parameters.1.default',
    '7:13: parameters.2.name',
    '10:16: compute.spec.cpu',
    '10:36: compute.spec.much',
    '10:36: compute.spec.much',
    '10:49: ',
    '12:12: agent.startup',
    '13:19: agent.startupTimeout',
    '15:13: apps.0.name',
    '15:24: apps.0.port',
    '17:13: apps.2.name',
    '19:1: ',
  ]);
});

test('fields before a YAML syntax error are checked, fields after it are not', () => {
  const text = 'name: demo\nicon: nope\ncompute: { kind: process }\napps:\n  - { name: web, port: [ }\ncolour: red\n';
  const where = reported(text);
  expect(where[0]).toBe('2:7: icon');
  expect(where.filter((line) => /compute|colour|apps/.test(line))).toEqual([]);
  expect(where.length).toBeGreaterThan(1);
});

test.each([
  ['name: demo\ncompute: []\nicon: nope\n', ['2:10: compute', '3:7: icon']],
  ['name: demo\nicon: nope\n', ['1:1: compute', '2:7: icon']],
  ['- a\n- b\n', ['1:1: ']],
  [
    `${minimal}parameters:\n  - name: 5\n    default: 4\n    min: x\n  - { name: a, type: list, default: [1], wrong: 1 }\nicon: nope\n`,
    [
      '5:11: parameters.0.name',
      '7:10: parameters.0.min',
      '5:5: parameters.0.type',
      '8:38: parameters.1.default.0',
      '8:42: parameters.1.wrong',
      '9:7: icon',
    ],
  ],
])('for %j, missing fields are reported together with invalid ones', (text, all) => {
  expect(reported(text).toSorted()).toEqual(all.toSorted());
});

test.each([30, 300, 600, 3_000])('a file with %i nested maps is refused as invalid', (depth) => {
  const text = `${minimal}  spec: ${'{ a: '.repeat(depth)}0${' }'.repeat(depth)}\n`;
  expect(refusal(text).name).toBe('invalid_template');
});

test('aliases that expand to very many values are refused', () => {
  const nines = (of: string) => `[${Array(9).fill(of).join(', ')}]`;
  const levels = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
    (name, at) => `    ${name}: &${name} ${nines(`*${'abcdefg'[at]}`)}`,
  );
  const bomb = `${minimal}  spec:\n    a: &a ${nines('x')}\n${levels.join('\n')}\n`;
  expect(refusal(bomb).message).toContain('has aliases that expand to too many values');
});

test('at most a hundred problems are reported', () => {
  const text = Array.from({ length: 150 }, (_, at) => `x${at}: 1\n`).join('');
  expect(refusal(minimal + text + text).errors).toHaveLength(100);
});

test('a file whose name differs from the published name is refused at its name', () => {
  expect(() => parseTemplate(minimal, 'demo/template.yaml', 'other')).toThrow(
    'demo/template.yaml:1:7: name is "demo", but it is published as "other"',
  );
  expect(parseTemplate(minimal, 'demo/template.yaml', 'demo').name).toBe('demo');
});

test('a value that is a single expression keeps its type, and an expression inside a text becomes text', () => {
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

test('an expression in a parameter value is not evaluated', () => {
  const context = { parameters: { text: '${{ workspace.owner }}' }, workspace: { id: 'i', name: 'n', owner: 'ada' } };
  expect(resolveExpressions('say ${{ parameters.text }}', context)).toBe('say ${{ workspace.owner }}');
});
