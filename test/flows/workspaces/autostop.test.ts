import { afterAll, beforeAll, expect, test } from 'vitest';
import { wakeForStop } from '../../../core/workspaces/automatic/autostop.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';

const templates = {
  idle: 'name: idle\ncompute: { kind: process }\nstop: { idleTimeout: 8s, maxExtension: 1h }\n',
  deadline: 'name: deadline\ncompute: { kind: process }\nstop: { idleTimeout: 1h, maxRuntime: 5s }\n',
  plain: 'name: plain\ncompute: { kind: process }\nstop: { idleTimeout: 1h, maxExtension: 2h }\n',
};

let berth: TestBerth;
/** Added to the real time by the clock of Berth's rules. */
let ahead = 0;
beforeAll(async () => {
  const clock = () => new Date(Date.now() + ahead);
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)], clock });
});
afterAll(() => berth.end());

const running = async (template: string) => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name: template, template } });
  return untilStatus(berth.as('ada'), id, 'running');
};

test('an unused workspace stops by itself and shows the reason', async () => {
  const { id, stop } = await running('idle');
  expect(stop).toMatchObject({ reason: 'idle', because: '8s after it started, if nobody uses it' });
  const stopped = await untilStatus(berth.as('ada'), id, 'stopped');
  expect(stopped.build).toMatchObject({ transition: 'stop', reason: 'autostop' });
});

test('keystrokes postpone the stop', async () => {
  await berth.as('ada').startWorkspace({ params: { workspace: 'idle' }, body: {} });
  const { id, stop } = await untilStatus(
    berth.as('ada'),
    (await berth.as('ada').getWorkspace({ params: { workspace: 'idle' } })).id,
    'running',
  );
  const cat = await givenExec(berth, id, ['cat']);
  const moved = async () => {
    cat.write('x');
    const workspace = await berth.as('ada').getWorkspace({ params: { workspace: id } });
    return (
      workspace.status === 'running' &&
      (workspace.stop?.at ?? '') > new Date(Date.parse(stop?.at ?? '') + 3_000).toISOString()
    );
  };
  await expect.poll(moved, { timeout: 60_000, interval: 200 }).toBe(true);
  expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).stop?.because).toBe(
    '8s after the last activity',
  );
  cat.close();
  await untilStatus(berth.as('ada'), id, 'stopped');
});

test('a workspace stops at its deadline', async () => {
  const { id, stop } = await running('deadline');
  expect(stop?.reason).toBe('deadline');
  await untilStatus(berth.as('ada'), id, 'stopped');
});

test('a schedule for the time before an extension does not stop the workspace', async () => {
  const { id, build } = await running('plain');
  const extended = await berth.as('ada').extendWorkspace({ params: { workspace: id }, body: { minutes: 90 } });
  expect(extended.stop?.because).toBe('because it was extended');
  ahead = 61 * 60_000;
  const outcome = await wakeForStop(berth.runtime.rules, { workspaceId: id, buildId: build.id });
  expect(outcome).toEqual({ stopped: false, wakeAt: new Date(extended.stop?.at ?? '') });

  ahead = 91 * 60_000;
  const ofOldRun = await wakeForStop(berth.runtime.rules, { workspaceId: id, buildId: `${id}-0` });
  expect(ofOldRun).toEqual({ stopped: false });
  expect(await wakeForStop(berth.runtime.rules, { workspaceId: id, buildId: build.id })).toEqual({ stopped: true });
  ahead = 0;
  await untilStatus(berth.as('ada'), id, 'stopped');
});

test('an extension beyond the template’s limit is refused', async () => {
  await berth.as('ada').startWorkspace({ params: { workspace: 'plain' }, body: {} });
  const { id } = await berth.as('ada').getWorkspace({ params: { workspace: 'plain' } });
  await untilStatus(berth.as('ada'), id, 'running');
  const attempt = berth.as('ada').extendWorkspace({ params: { workspace: id }, body: { minutes: 500 } });
  await expect(attempt).rejects.toMatchObject({
    problem: { status: 400, detail: expect.stringContaining('at most 120 minutes') },
  });
});
