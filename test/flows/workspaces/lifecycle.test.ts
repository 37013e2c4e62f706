import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';

const template = `
name: story
displayName: Story
parameters:
  - { name: greeting, type: string, default: hello }
compute: { kind: process }
agent:
  startup: |
    echo "$BERTH_PARAM_GREETING from $BERTH_WORKSPACE_NAME"
    echo kept >> "$HOME/visits"
`;

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ story: template })] });
});
afterAll(() => berth.end());

test('a workspace is created, built step by step, stopped, started again with its home, and deleted', async () => {
  const ada = berth.as('ada');
  const created = await ada.createWorkspace({
    body: { name: 'demo', template: 'story', parameters: { greeting: 'ahoy' } },
  });
  expect(created).toMatchObject({ status: 'pending', desired: 'running', build: { number: 1, transition: 'start' } });

  const running = await untilStatus(ada, created.id, 'running');
  expect(running.agent?.status).toBe('ready');
  expect(running.stop).toMatchObject({ reason: 'idle', because: '2h after it started, if nobody uses it' });
  expect(running.version).toBeGreaterThan(created.version);

  const build = await ada.getBuild({ params: { workspace: 'demo', build: 1 } });
  expect(build.status).toBe('succeeded');
  expect(build.steps.map(({ name, status }) => [name, status])).toEqual([
    ['compute', 'succeeded'],
    ['agent', 'succeeded'],
    ['startup', 'succeeded'],
  ]);
  const log = await ada.getBuildLog({ params: { workspace: 'demo', build: 1, step: 'startup' } });
  expect(log.chunks.map(({ text }) => text).join('')).toBe('ahoy from demo\n');
  expect(log.done).toBe(true);

  await ada.stopWorkspace({ params: { workspace: 'demo' } });
  const stopped = await untilStatus(ada, created.id, 'stopped');
  expect(stopped.stop).toBeUndefined();
  expect(stopped.agent).toBeUndefined();

  await ada.startWorkspace({ params: { workspace: 'demo' }, body: { parameters: { greeting: 'again' } } });
  await untilStatus(ada, created.id, 'running');
  const second = await ada.getBuild({ params: { workspace: 'demo', build: 3 } });
  expect(second.steps.find(({ name }) => name === 'startup')?.usualMs).toBeTypeOf('number');

  await ada.deleteWorkspace({ params: { workspace: 'demo' } });
  await untilStatus(ada, created.id, 'deleted');
  expect((await ada.listWorkspaces()).items).toEqual([]);
  await ada.createWorkspace({ body: { name: 'demo', template: 'story' } });
});
