import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../contracts/audit.ts';
import type { ApiError } from '../../../contracts/client/client.ts';
import { templateItem } from '../../../core/templates/template-record.ts';
import { loadTemplate } from '../../../core/templates/template-store.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';

const closed = 'name: closed\ngroups: [nobody]\ncompute: { kind: process }\n';

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, closed })] });
});
afterAll(() => berth.end());

type Person = Parameters<TestBerth['as']>[0];

const fileOf = (name: string, description: string, more = '') =>
  `name: ${name}\ndescription: ${description}\n${more}compute: { kind: process }\n`;

const push = (template: string, file: string, promote = true) =>
  berth.as('grace').publishTemplate({ params: { template }, body: { file, promote } });
const promote = (person: Person, template: string, version: number) =>
  berth.as(person).promoteTemplate({ params: { template }, body: { version } });
const deprecate = (person: Person, template: string, body = {}) =>
  berth.as(person).deprecateTemplate({ params: { template }, body });
const lint = (template: string, file: string, person: Person = 'grace') =>
  berth.as(person).lintTemplate({ params: { template }, body: { file } });
const show = (template: string) => berth.as('ada').getTemplate({ params: { template } });
const create = async (name: string, template: string) => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name, template } });
  return untilStatus(berth.as('ada'), id, 'running');
};

const problemOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: ApiError) => error.problem,
  );

const auditEvents = async (template: string): Promise<AuditEvent[]> => {
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#template#${template}`, limit: 1000 });
  return items.map((item) => item['event'] as unknown as AuditEvent);
};

describe('versions', () => {
  test('new workspaces get the active version, and its groups decide who sees the template', async () => {
    await push('staged', fileOf('staged', 'First'));
    expect(await push('staged', fileOf('staged', 'Second', 'groups: [nobody]\n'), false)).toMatchObject({
      version: 2,
      activeVersion: 1,
    });
    expect(await show('staged')).toMatchObject({
      description: 'First',
      latestVersion: 2,
      activeVersion: 1,
      active: { version: 1 },
    });
    const workspace = await create('old', 'staged');
    expect(workspace.template).toMatchObject({ version: 1, activeVersion: 1 });
  });

  test('promoting makes a version active for workspaces, and rolls back', async () => {
    await push('rolled', fileOf('rolled', 'First'));
    const { id } = await create('rolling', 'rolled');
    await push('rolled', fileOf('rolled', 'Second'));
    const seen = () => berth.as('ada').getWorkspace({ params: { workspace: id } });
    expect((await seen()).template).toMatchObject({ version: 1, activeVersion: 2 });
    expect(await promote('grace', 'rolled', 1)).toMatchObject({ description: 'First', activeVersion: 1 });
    expect((await seen()).template).toMatchObject({ version: 1, activeVersion: 1 });
    expect((await create('fresh', 'rolled')).template.version).toBe(1);
    expect(await promote('grace', 'rolled', 1)).toMatchObject({ activeVersion: 1 });
    const { id: grace } = await berth.as('grace').me();
    expect(await auditEvents('rolled')).toMatchObject([
      { action: 'template.publish' },
      { action: 'template.publish' },
      { action: 'template.promote', actor: grace, details: { version: 1, from: 2 } },
    ]);
    expect(await problemOf(promote('grace', 'rolled', 3))).toMatchObject({ status: 404, field: 'version' });
  });

  test('pushing the same content again does not change a rolled-back template', async () => {
    await push('calm', fileOf('calm', 'First'));
    await push('calm', fileOf('calm', 'Second'));
    await promote('grace', 'calm', 1);
    expect(await push('calm', fileOf('calm', 'Second'))).toMatchObject({
      version: 2,
      published: false,
      activeVersion: 1,
    });
  });

  test('the first version is always active, because nobody could use the template otherwise', async () => {
    expect(await push('first', fileOf('first', 'First'), false)).toMatchObject({ version: 1, activeVersion: 1 });
  });

  test('in an old record without an active version, the latest one is active', async () => {
    await push('aged', fileOf('aged', 'First'));
    await push('aged', fileOf('aged', 'Second'));
    const { table } = berth.runtime.rules;
    const { activeVersion: _, ...record } = (await loadTemplate(table, 'aged')) ?? expect.fail();
    await table.write([{ put: templateItem(record) }]);
    expect(await show('aged')).toMatchObject({ activeVersion: 2, active: { version: 2 } });
    expect(await push('aged', fileOf('aged', 'Third'), false)).toMatchObject({ activeVersion: 2 });
  });

  test('no change is lost when several are made at the same time', async () => {
    await push('busy', fileOf('busy', 'First'));
    await push('busy', fileOf('busy', 'Second'));
    await Promise.all([
      promote('grace', 'busy', 1),
      deprecate('grace', 'busy', { message: 'Use another.' }),
      push('busy', fileOf('busy', 'Third'), false),
    ]);
    expect(await show('busy')).toMatchObject({
      latestVersion: 3,
      activeVersion: 1,
      description: 'First',
      deprecated: { message: 'Use another.' },
    });
    expect((await auditEvents('busy')).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a deprecated template', () => {
  test('it refuses new workspaces with the message, but runs existing ones, until that is undone', async () => {
    await push('retired', fileOf('retired', 'Old'));
    const { id } = await create('existing', 'retired');
    await deprecate('grace', 'retired', { message: 'Use the template linux instead.' });
    expect(await show('retired')).toMatchObject({ deprecated: { message: 'Use the template linux instead.' } });
    expect(await problemOf(create('late', 'retired'))).toMatchObject({
      status: 409,
      field: 'template',
      detail: 'The template retired is deprecated and takes no new workspaces. Use the template linux instead.',
    });
    await berth.as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'stopped');
    await berth.as('ada').startWorkspace({ params: { workspace: id }, body: {} });
    await untilStatus(berth.as('ada'), id, 'running');
    expect(await deprecate('grace', 'retired', { deprecated: false })).not.toHaveProperty('deprecated');
    await create('late', 'retired');
    expect((await auditEvents('retired')).slice(1)).toMatchObject([
      { action: 'template.deprecate', details: { deprecated: true } },
      { action: 'template.deprecate', details: { deprecated: false } },
    ]);
  });
});

describe('a person who may not publish', () => {
  const attempts: [string, (person: Person, template: string) => Promise<unknown>][] = [
    ['promoteTemplate', (person, template) => promote(person, template, 1)],
    ['deprecateTemplate', (person, template) => deprecate(person, template)],
    ['lintTemplate', (person, template) => lint(template, 'name: [', person)],
    [
      'previewTemplate',
      (person, template) =>
        berth.as(person).previewTemplate({ params: { template }, body: { file: fileOf(template, 'Mine') } }),
    ],
  ];
  test.each(attempts)(
    'is refused %s, with the same message whether the template exists or not',
    async (route, attempt) => {
      for (const person of ['ada', 'sam'] as const) {
        expect(await problemOf(attempt(person, 'plain'))).toMatchObject({ status: 403 });
        const hidden = await problemOf(attempt(person, 'closed'));
        const absent = await problemOf(attempt(person, 'absent'));
        expect(hidden).toMatchObject({ status: 403, detail: expect.stringMatching(/Only admins and template admins/) });
        expect({ ...absent, requestId: hidden?.requestId }).toEqual(hidden);
      }
      const { id } = await berth.as('sam').me();
      const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, limit: 1000 });
      const refusals = items.map((item) => item['event'] as unknown as AuditEvent);
      expect(refusals).toContainEqual(
        expect.objectContaining({ action: 'access.refuse', details: { route, subject: 'template#plain' } }),
      );
      expect(await show('plain')).toMatchObject({ activeVersion: 1, latestVersion: 1 });
    },
  );
});

describe('lint', () => {
  test('reports every error in compute.spec, by line and column, like a push', async () => {
    const file = `name: wrong
description: Wrong
compute:
  kind: process
  spec:
    limits:
      memory: lots
      openFiles: 12
      colour: red
`;
    const { ok, problems } = await lint('wrong', file);
    expect(ok).toBe(false);
    expect(problems.map(({ line, column, field }) => [line, column, field])).toEqual([
      [7, 15, 'compute.spec.limits.memory'],
      [8, 18, 'compute.spec.limits.openFiles'],
      [9, 7, 'compute.spec.limits.colour'],
    ]);
    const refused = await problemOf(push('wrong', file));
    expect(refused).toMatchObject({ status: 422 });
    expect(refused?.errors?.map(({ field }) => field)).toEqual(problems.map(({ field }) => field));
    expect(await problemOf(show('wrong'))).toMatchObject({ status: 404 });
  });

  test('checks every option of a parameter', async () => {
    const file = `name: sized
description: Sized
parameters:
  - name: size
    type: string
    default: 2Gi
    options: [{ value: 2Gi }, { value: 8GB }]
compute:
  kind: process
  spec: { limits: { memory: '\${{ parameters.size }}' } }
`;
    const { problems } = await lint('sized', file);
    expect(problems).toMatchObject([
      { line: 10, field: 'compute.spec.limits.memory', detail: expect.stringMatching(/\(when size is "8GB"\)$/) },
    ]);
  });

  test('accepts an expression whose value depends on free text', async () => {
    const file = `name: free
description: Free
parameters: [{ name: memory, type: string }]
compute: { kind: process, spec: { limits: { memory: '\${{ parameters.memory }}' } } }
`;
    expect(await lint('free', file)).toMatchObject({ ok: true });
  });

  test.each([
    ['a kind that is not installed', 'compute: { kind: mainframe }', 'compute.kind', /it has|use one of: .*process/],
    [
      'an expression that cannot be evaluated',
      `compute: { kind: process, spec: { limits: { nice: "\${{ fromJSON('{') }}" } } }`,
      'compute.spec',
      /cannot be evaluated/,
    ],
    [
      'a default that breaks the parameter’s own rule',
      'parameters: [{ name: n, type: number, default: 9, max: 5 }]\ncompute: { kind: process }',
      'parameters.0.default',
      /at most 5/,
    ],
    [
      'an invalid pattern',
      'parameters: [{ name: n, type: string, pattern: "(" }]\ncompute: { kind: process }',
      'parameters.0.pattern',
      /regular expression/,
    ],
    ['a file that is not YAML', 'name: [', '', /./],
  ])('refuses %s', async (_, rest, field, detail) => {
    const { ok, problems } = await lint('odd', `name: odd\ndescription: Odd\n${rest}\n`);
    expect(ok).toBe(false);
    expect(problems).toContainEqual(
      expect.objectContaining({ level: 'error', field, detail: expect.stringMatching(detail) }),
    );
  });

  test('warns of a parameter in the script’s text, but the file can be published', async () => {
    const file = `name: warned
parameters: [{ name: title, type: string, default: x }]
compute: { kind: process }
agent: { startup: 'echo "\${{ parameters.title }}"' }
`;
    const { ok, problems } = await lint('warned', file);
    expect(ok).toBe(true);
    expect(problems.map(({ level, field }) => [level, field])).toEqual([
      ['warning', 'name'],
      ['warning', 'agent.startup'],
      // It has no README.
      ['warning', ''],
    ]);
    expect(problems[1]?.detail).toContain('"$BERTH_PARAM_TITLE"');
    await push('warned', file);
  });

  test.each(['quickstart', 'vscode'])('finds nothing in the starter %s', async (name) => {
    const folder = join(import.meta.dirname, '../../../templates', name);
    const body = {
      file: readFileSync(join(folder, 'template.yaml'), 'utf8'),
      readme: readFileSync(join(folder, 'README.md'), 'utf8'),
    };
    const template = /^name: (\S+)$/m.exec(body.file)?.[1] ?? '';
    expect(await berth.as('grace').lintTemplate({ params: { template }, body })).toEqual({ ok: true, problems: [] });
  });
});

describe('preview', () => {
  const priced = `name: priced
description: Priced
parameters: [{ name: memory, type: string }]
compute: { kind: process, spec: { limits: { memory: '\${{ parameters.memory }}' } } }
prices:
  runningPerHour: \${{ fromJSON('{"2Gi":0.12}')[parameters.memory] || 0.5 }}
  stoppedPerHour: 0.01
`;
  const preview = (person: Person, body: { file?: string; version?: number; parameters?: Record<string, string> }) =>
    berth.as(person).previewTemplate({ params: { template: 'priced' }, body });

  test('returns the resources and prices of a file and of a version, and creates nothing', async () => {
    const expected = {
      template: 'priced',
      kind: 'process',
      parameters: { memory: '2Gi' },
      assumed: [],
      resources: [expect.objectContaining({ kept: expect.any(Boolean) }), expect.anything()],
      prices: { runningPerHour: 0.12, stoppedPerHour: 0.01 },
    };
    const parameters = { memory: '2Gi' };
    expect(await preview('grace', { file: priced, parameters })).toEqual(expected);
    expect(await problemOf(show('priced'))).toMatchObject({ status: 404 });
    await push('priced', priced);
    expect(await preview('ada', { parameters })).toEqual({ ...expected, version: 1 });
    expect(await problemOf(preview('ada', { parameters, version: 2 }))).toMatchObject({ status: 404 });
  });

  test('estimates with examples for missing parameters, and reports what the kind refuses', async () => {
    expect(await preview('ada', {})).toEqual({
      template: 'priced',
      version: 1,
      kind: 'process',
      parameters: {},
      assumed: ['memory'],
      resources: [],
      prices: { runningPerHour: 0.5, stoppedPerHour: 0.01 },
    });
    expect(await problemOf(preview('ada', { parameters: { memory: 'lots' } }))).toMatchObject({
      status: 422,
      field: 'compute.spec.limits.memory',
    });
  });

  test('a template’s price is that of its defaults, a workspace’s that of its own parameters', async () => {
    const file = `name: by-size
description: By size
parameters: [{ name: size, type: string, default: small, options: [{ value: small }, { value: large }] }]
compute: { kind: process }
prices: { runningPerHour: "\${{ fromJSON('{\\"small\\":0.1,\\"large\\":0.8}')[parameters.size] }}" }
`;
    await push('by-size', file);
    expect((await show('by-size')).prices).toEqual({ runningPerHour: 0.1, stoppedPerHour: 0 });
    const body = { name: 'big', template: 'by-size', parameters: { size: 'large' } };
    expect((await berth.as('ada').createWorkspace({ body })).prices).toEqual({
      runningPerHour: 0.8,
      stoppedPerHour: 0,
    });
  });

  test('an invalid price is reported with the parameter that causes it', async () => {
    const file = `name: mispriced
description: Mispriced
parameters: [{ name: size, type: string, default: small, options: [{ value: small }, { value: huge }] }]
compute: { kind: process }
prices: { runningPerHour: "\${{ fromJSON('{ \\"small\\": 0.1 }')[parameters.size] }}" }
`;
    const { ok, problems } = await berth
      .as('grace')
      .lintTemplate({ params: { template: 'mispriced' }, body: { file } });
    expect(ok).toBe(false);
    expect(problems).toEqual([
      expect.objectContaining({
        level: 'error',
        line: 5,
        field: 'prices.runningPerHour',
        detail: expect.stringContaining('(when size is "huge")'),
      }),
    ]);
  });
});
