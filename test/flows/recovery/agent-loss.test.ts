import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SkeletonCompute, skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { loadBuild } from '../../../core/workspaces/store.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { freePort } from '../../support/free-port.ts';
import { givenServer } from '../../support/processes/server-process.ts';
import { signalWorkspaces } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Hangs in the first run, so that only a new agent, whose script finds its marker file, starts the workspace. */
const hangs = `
name: hangs
compute: { kind: process }
agent:
  startup: |
    [ -e "$HOME/again" ] && exit 0
    touch "$HOME/again"
    sleep 600
`;
const suicidal = `
name: suicidal
compute: { kind: process }
agent: { startup: 'kill -9 "$PPID"; sleep 600' }
`;
const templates = { hangs, suicidal };

/** Waits until the startup script runs and has left the marker file for its next run. */
const untilScriptRuns = (dataDir: string, id: string) =>
  expect.poll(() => existsSync(join(dataDir, 'homes', id, 'again'))).toBe(true);

describe('an agent that ends while its workspace starts', () => {
  let berth: TestBerth;
  beforeAll(async () => {
    berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
  });
  afterAll(() => berth.end());

  test('is replaced within the same build', async () => {
    const ada = berth.as('ada');
    const { id } = await ada.createWorkspace({ body: { name: 'killed', template: 'hangs' } });
    await untilScriptRuns(berth.dataDir, id);
    signalWorkspaces(berth.dataDir, 'SIGKILL', id);
    const running = await untilStatus(ada, id, 'running');
    expect(running).toMatchObject({ build: { number: 1, status: 'succeeded' }, agent: { status: 'ready' } });
    const { steps } = await ada.getBuild({ params: { workspace: id, build: 1 } });
    expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual(
      expect.arrayContaining(['compute succeeded', 'agent succeeded', 'startup succeeded']),
    );
  });

  test('repeatedly fails the start with the reason', async () => {
    const ada = berth.as('ada');
    const { id } = await ada.createWorkspace({ body: { name: 'suicidal', template: 'suicidal' } });
    const failed = await untilStatus(ada, id, 'failed');
    expect(failed.failure).toMatchObject({
      error: 'compute_failed',
      message: expect.stringMatching(/^The agent ended 4 times before the workspace was ready/),
      action: 'Check the log of the startup script for the cause.',
    });
  });
});

test('a start that a crash of the whole machine interrupted continues with another agent', async () => {
  const dataDir = temporaryFolder();
  const folder = givenTemplates(templates);
  const port = await freePort();
  const first = await givenServer(dataDir, folder, port);
  const { id } = await first.as('ada').createWorkspace({ body: { name: 'demo', template: 'hangs' } });
  await untilScriptRuns(dataDir, id);
  await first.kill();
  signalWorkspaces(dataDir, 'SIGKILL', id);
  const second = await givenServer(dataDir, folder, port);
  expect(await untilStatus(second.as('ada'), id, 'running')).toMatchObject({ build: { number: 1 } });
  await second.stop();
}, 120_000);

describe('an agent that ended before it connected', () => {
  const provider = new Map<string, SkeletonCompute>();
  let ahead = 0;
  let berth: TestBerth;
  beforeAll(async () => {
    berth = await givenBerth({
      templateFolders: [givenTemplates({ mute: 'name: mute\ncompute: { kind: skeleton }\n' })],
      // Its compute has no agent.
      moreKinds: [skeletonKind(provider) as ComputeKind<unknown>],
      clock: () => new Date(Date.now() + ahead),
      sweepEveryMs: 50,
    });
  });
  afterAll(() => berth.end());

  test('is launched again a minute after its compute is gone, and fails the start when that does not help', async () => {
    const ada = berth.as('ada');
    const { id } = await ada.createWorkspace({ body: { name: 'mute', template: 'mute' } });
    const build = async () => loadBuild(berth.runtime.rules.table, id, 1);
    await expect.poll(async () => (await build())?.taskToken).toBeDefined();
    ahead = 61_000;
    for (const launch of [1, 2, 3]) {
      // Running compute has time to connect.
      expect((await build())?.launch ?? 0).toBe(launch - 1);
      provider.delete(id);
      await expect.poll(async () => (await build())?.launch).toBe(launch);
      await expect.poll(() => provider.get(id)?.build).toBeDefined();
      await expect.poll(async () => (await build())?.agentLost).toBeUndefined();
    }
    provider.delete(id);
    const failed = await untilStatus(ada, id, 'failed');
    expect(failed.failure?.message).toMatch(
      /^The agent ended 4 times before the workspace was ready \(its compute was gone\)/,
    );
  });
});
