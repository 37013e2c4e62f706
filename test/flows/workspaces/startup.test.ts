import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

const withScript = (name: string, script: string, more = '') => `
name: ${name}
compute: { kind: process }
agent:
  startupTimeout: 2s
  startup: |
${script.replace(/^/gm, '    ')}
${more}`;

const templates = {
  floods: withScript('floods', 'head -c 100000000 /dev/zero | tr "\\0" "x"\necho\necho the end').replace('2s', '60s'),
  silent: withScript('silent', 'true', 'apps:\n  - name: web\n    health: { every: 1s, failures: 2 }\n'),
  patient: withScript('patient', 'true', 'apps: [{ name: web }]\n'),
  wrong: 'name: wrong\ncompute:\n  kind: process\n  spec: { limits: { memory: lots } }\n',
  noticed: withScript('noticed', 'sleep 600').replace('2s', '10m'),
};

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
});
afterAll(() => berth.end());

const create = (template: string) => berth.as('ada').createWorkspace({ body: { name: template, template } });

const logOf = async (workspace: Workspace, step: string): Promise<string> => {
  let text = '';
  let cursor: string | undefined;
  for (;;) {
    const params = { workspace: workspace.id, build: workspace.build.number, step };
    const page = await berth.as('ada').getBuildLog({ params, query: cursor === undefined ? {} : { cursor } });
    text += page.chunks.map((chunk) => chunk.text).join('');
    if (page.done) return text;
    cursor = page.next;
  }
};

const expectNothingRuns = (workspace: Workspace) =>
  expect
    .poll(() => workspaceProcesses(berth.dataDir).filter((process) => process.workspace === workspace.id))
    .toEqual([]);

describe('a startup script', () => {
  test('that logs 100 MB leaves the beginning and the end of its log, and a note on the omitted part', async () => {
    const { id } = await create('floods');
    const running = await untilStatus(berth.as('ada'), id, 'running');
    const log = await logOf(running, 'startup');
    expect(log.length).toBeLessThan(1_000_000);
    expect(log).toContain('the end');
    expect(log).toMatch(/bytes of the log were omitted/);
  });
});

test('an app that never responds is unhealthy, and its workspace runs', async () => {
  const { id } = await create('silent');
  await untilStatus(berth.as('ada'), id, 'running');
  const health = async () => (await berth.as('ada').getWorkspace({ params: { workspace: id } })).apps[0]?.health;
  await expect.poll(health, { timeout: 60_000 }).toBe('unhealthy');
  const build = await berth.as('ada').getBuild({ params: { workspace: id, build: 1 } });
  const step = build.steps.find(({ name }) => name === 'app-web');
  expect(step).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('the app does not listen yet'),
  });
});

test('a stop ends the wait for an app', async () => {
  const { id } = await create('patient');
  await untilStatus(berth.as('ada'), id, 'running');
  const step = async () =>
    (await berth.as('ada').getBuild({ params: { workspace: id, build: 1 } })).steps.find(
      ({ name }) => name === 'app-web',
    );
  expect(await step()).toMatchObject({ status: 'running' });
  await berth.as('ada').stopWorkspace({ params: { workspace: id } });
  await untilStatus(berth.as('ada'), id, 'stopped');
  expect(await step()).toMatchObject({
    status: 'failed',
    endedAt: expect.any(String),
    message: 'The workspace was stopped first.',
  });
});

test('a workspace whose spec is invalid fails with the field’s name, and can be deleted', async () => {
  const { id } = await create('wrong');
  const failed = await untilStatus(berth.as('ada'), id, 'failed');
  expect(failed.failure).toMatchObject({
    error: 'invalid_template',
    message: expect.stringContaining('compute.spec.limits.memory'),
  });
  await berth.as('ada').deleteWorkspace({ params: { workspace: id } });
  await untilStatus(berth.as('ada'), id, 'deleted');
});

describe('a stop during the start', () => {
  test('cancels the start, and leaves the workspace stopped with nothing running', async () => {
    const { id } = await create('noticed');
    const startupRuns = async () => {
      const build = await berth.as('ada').getBuild({ params: { workspace: id, build: 1 } });
      return build.steps.some(({ name }) => name === 'startup');
    };
    await expect.poll(startupRuns).toBe(true);
    const canceling = await berth.as('ada').stopWorkspace({ params: { workspace: id } });
    expect(canceling).toMatchObject({ status: 'canceling', desired: 'stopped' });
    const stopped = await untilStatus(berth.as('ada'), id, 'stopped');
    expect((await berth.as('ada').getBuild({ params: { workspace: id, build: 1 } })).status).toBe('canceled');
    await expectNothingRuns(stopped);
  });

  test('a second start joins the first', async () => {
    const params = { workspace: 'noticed' };
    const first = await berth.as('ada').startWorkspace({ params, body: {} });
    const second = await berth.as('ada').startWorkspace({ params, body: {} });
    expect(second.build.number).toBe(first.build.number);
    await berth.as('ada').deleteWorkspace({ params });
    await untilStatus(berth.as('ada'), first.id, 'deleted');
  });
});
