import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../contracts/audit.ts';
import { type ApiError, createClient } from '../../../contracts/client/client.ts';
import { loadPerson, personItem } from '../../../core/people/person-record.ts';
import type { Table } from '../../../core/ports/table.ts';
import { publishTemplate } from '../../../core/templates/publishing/publish.ts';
import { templateKey } from '../../../core/templates/template-record.ts';
import { createApi } from '../../../functions/api/api.ts';
import { allHandlers } from '../../../functions/api/handlers.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { fetchFrom } from '../../support/clients/handler-fetch.ts';

const closed = 'name: closed\ngroups: [nobody]\ncompute: { kind: process }\n';

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, closed })] });
});
afterAll(() => berth.end());

const fileOf = (name: string, description = 'Pushed') =>
  `name: ${name}\ndescription: ${description}\ncompute: { kind: process }\n`;

type Person = Parameters<TestBerth['as']>[0];

const push = (person: Person, template: string, file = fileOf(template), readme?: string) =>
  berth
    .as(person)
    .publishTemplate({ params: { template }, body: { file, ...(readme === undefined ? {} : { readme }) } });

const problemOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: ApiError) => error.problem,
  );

const auditEvents = async (subject: string): Promise<AuditEvent[]> => {
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${subject}`, limit: 1000 });
  return items.map((item) => item['event'] as unknown as AuditEvent);
};

const versionsOf = async (template: string) => {
  const { items } = await berth.as('grace').listTemplateVersions({ params: { template } });
  return items.map(({ version }) => version);
};

describe('an admin', () => {
  test('pushes a template, which members see, read, and create workspaces from', async () => {
    expect(await push('grace', 'first', fileOf('first'), '# Read me')).toEqual({
      template: 'first',
      version: 1,
      published: true,
      activeVersion: 1,
    });
    const { items } = await berth.as('ada').listTemplates();
    expect(items).toContainEqual(expect.objectContaining({ name: 'first', description: 'Pushed', latestVersion: 1 }));
    expect((await berth.as('ada').getTemplate({ params: { template: 'first' } })).active).toMatchObject({
      readme: '# Read me',
      createdBy: 'grace',
    });
    expect(await berth.as('grace').getTemplateSource({ params: { template: 'first' } })).toEqual({
      template: 'first',
      version: 1,
      file: fileOf('first'),
      readme: '# Read me',
    });
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'first' } });
    await untilStatus(berth.as('ada'), id, 'running');
    await berth.as('ada').deleteWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'deleted');
  });

  test('gets no new version for the same content, but for other content or another README', async () => {
    await push('grace', 'again');
    const before = await berth.runtime.rules.table.get(templateKey('again'));
    expect(await push('grace', 'again')).toMatchObject({ template: 'again', version: 1, published: false });
    expect(await berth.runtime.rules.table.get(templateKey('again'))).toEqual(before);
    expect(await push('grace', 'again', fileOf('again'), 'Now with words')).toMatchObject({ version: 2 });
    expect(await push('grace', 'again')).toMatchObject({ version: 3, published: true });
  });

  test('is the actor of each audit event', async () => {
    await push('grace', 'audited');
    await push('grace', 'audited');
    await push('grace', 'audited', fileOf('audited', 'Other'));
    const { id } = await berth.as('grace').me();
    expect(await auditEvents('template#audited')).toMatchObject([
      { action: 'template.publish', actor: id, outcome: 'success', details: { version: 1, promoted: true } },
      { action: 'template.publish', actor: id, outcome: 'success', details: { version: 2, promoted: true } },
    ]);
    await expect.poll(() => auditProblems(deliveredAudit(berth.dataDir))).toEqual([]);
  });
});

test('a template admin may push too', async () => {
  const { id } = await berth.as('linus').me();
  const { table } = berth.runtime.rules;
  const linus = await loadPerson(table, id);
  if (linus === undefined) throw new Error('linus is not known');
  await table.write([{ put: personItem({ ...linus, roles: ['member', 'template-admin'] }) }]);
  expect(await push('linus', 'closed', `${closed}icon: code\n`)).toMatchObject({ version: 2 });
});

describe('concurrent pushes', () => {
  /** Pushes at the same time: all have read the template before the first one writes. */
  const pushTogether = (template: string, files: string[]) => {
    const { rules } = berth.runtime;
    const { promise: allHaveRead, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    const get: Table['get'] = async (key) => {
      const item = await rules.table.get(key);
      if (key.pk !== templateKey(template).pk) return item;
      if (++reads === files.length) resolve();
      await allHaveRead;
      return item;
    };
    const table = { get, query: rules.table.query.bind(rules.table), write: rules.table.write.bind(rules.table) };
    const api = createApi({ ...berth.runtime, rules: { ...rules, table } }, allHandlers);
    const token = () => berth.tokenOf('grace');
    const client = createClient({ baseUrl: berth.url, token, fetch: fetchFrom(api) });
    return Promise.all(files.map((file) => client.publishTemplate({ params: { template }, body: { file } })));
  };

  test('of several contents create one version each, without a gap', async () => {
    const files = ['a', 'b', 'c', 'd'].map((description) => fileOf('race', description));
    const pushed = await pushTogether('race', files);
    expect(pushed.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4]);
    expect(await versionsOf('race')).toEqual([4, 3, 2, 1]);
    expect((await auditEvents('template#race')).map(({ details }) => details['version'])).toEqual([1, 2, 3, 4]);
  });

  test('of the same content create one version', async () => {
    const pushed = await pushTogether('twin', Array(3).fill(fileOf('twin')));
    expect(pushed.map(({ version }) => version)).toEqual([1, 1, 1]);
    expect(pushed.filter(({ published }) => published)).toHaveLength(1);
    expect(await versionsOf('twin')).toEqual([1]);
  });
});

describe('people who may not publish', () => {
  test.each(['ada', 'sam'] as const)(
    '%s is refused, whether the template exists or not, and each refusal is audited',
    async (name) => {
      const { id } = await berth.as(name).me();
      for (const template of ['plain', 'closed', 'absent'])
        expect(await problemOf(push(name, template)), template).toMatchObject({
          status: 403,
          detail: 'Only admins and template admins may publish templates. Ask one of them.',
        });
      const refusals = (await auditEvents(id)).filter(({ action }) => action === 'access.refuse');
      expect(refusals.map(({ details }) => details)).toEqual(
        ['plain', 'closed', 'absent'].map((template) => ({
          route: 'publishTemplate',
          subject: `template#${template}`,
        })),
      );
      expect(await versionsOf('plain')).toEqual([1]);
      expect(await problemOf(versionsOf('absent'))).toMatchObject({ status: 404 });
    },
  );

  test('do not see the errors of a file', async () => {
    expect(await problemOf(push('ada', 'plain', 'name: [\n'))).toMatchObject({ status: 403 });
  });

  test('do not see the source of a template', async () => {
    const sourceOf = (template: string) => problemOf(berth.as('ada').getTemplateSource({ params: { template } }));
    expect(await sourceOf('plain')).toMatchObject({ status: 403 });
    expect(await sourceOf('closed')).toMatchObject({ status: 403 });
  });
});

describe('an invalid file', () => {
  test('is refused with every error, by line and column', async () => {
    const problem = await problemOf(push('grace', 'bad', 'name: bad\nicon: nope\ncompute: {}\ncolour: red\n'));
    expect(problem).toMatchObject({ status: 422, title: 'The template is not valid' });
    const errors = new Map(problem?.errors?.map(({ field, detail }) => [field, detail]));
    expect(errors.get('icon')).toMatch(/^line 2, column 7: /);
    expect(errors.get('compute.kind')).toMatch(/^line 3, column 10: /);
    expect(errors.get('colour')).toMatch(/^line 4, column 1: /);
    expect(await problemOf(versionsOf('bad'))).toMatchObject({ status: 404 });
  });

  test('is refused under the name of another template', async () => {
    expect(await problemOf(push('grace', 'plain', fileOf('other')))).toMatchObject({
      status: 422,
      errors: [{ field: 'name', detail: 'line 1, column 7: is "other", but it is published as "plain"' }],
    });
    expect(await versionsOf('plain')).toEqual([1]);
  });

  test.each([
    ['a file', `${fileOf('large')}# ${'x'.repeat(128 * 1024)}`, 'short', 'file: is larger than 128 KB.'],
    [
      'a file of wide characters',
      `${fileOf('large')}# ${'é'.repeat(65 * 1024)}`,
      'short',
      'file: is larger than 128 KB.',
    ],
    ['a README', fileOf('large'), 'x'.repeat(64 * 1024 + 1), 'readme: is larger than 64 KB.'],
  ])('is refused when %s is too large', async (_, file, readme, detail) => {
    expect(await problemOf(push('grace', 'large', file, readme))).toMatchObject({ status: 400, detail });
  });

  test('is refused when it expands to more than a record may contain', async () => {
    const env = Array.from({ length: 95 }, (_, n) => `    V${n}: *block\n`).join('');
    const agent = `agent:\n  startup: ${'x'.repeat(32_000)}\n  env:\n    V: &block ${'x'.repeat(4_096)}\n${env}`;
    const file = `name: large\ncompute: { kind: process }\n${agent}`;
    expect(await problemOf(push('grace', 'large', file))).toMatchObject({ status: 413 });
    const odd = { params: { template: 'large' }, body: { file: fileOf('large'), colour: 'red' } };
    expect(await problemOf(berth.as('grace').publishTemplate(odd))).toMatchObject({ status: 400, field: 'colour' });
    expect(await problemOf(versionsOf('large'))).toMatchObject({ status: 404 });
  });
});

test('a workspace cannot change to a version of another compute kind, which would not have its home', async () => {
  await push('grace', 'moved');
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'stays', template: 'moved' } });
  await untilStatus(berth.as('ada'), id, 'running');
  // A kind that was removed after the version was published: a push would be refused.
  await publishTemplate(berth.runtime.rules, 'system', {
    yaml: 'name: moved\ncompute: { kind: elsewhere }\n',
    source: 'moved',
  });
  const moved = berth.as('ada').startWorkspace({ params: { workspace: id }, body: { version: 2 } });
  expect(await problemOf(moved)).toMatchObject({
    field: 'version',
    detail: expect.stringMatching(/runs on elsewhere, and the workspace stays has its home on process. Create a new/),
  });
  expect(await berth.as('ada').getWorkspace({ params: { workspace: id } })).toMatchObject({
    status: 'running',
    build: { number: 1 },
  });
});
