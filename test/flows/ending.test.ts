import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ComputeKind } from '../../compute/kind.ts';
import { givenBerth, givenTemplates, plainTemplate, untilStatus } from '../support/berth.ts';
import { workspaceProcesses } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');

/** Compute whose start takes until the test lets it through. */
const givenSlowKind = () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: gate, resolve: letThrough } = Promise.withResolvers<void>();
  const running = new Set<string>();
  const end = async ({ id }: { id: string }) => {
    running.delete(id);
    return { settled: true as const, detail: '' };
  };
  const kind: ComputeKind<unknown> = {
    name: 'slow',
    spec: z.strictObject({}),
    plan: () => ({ resources: [] }),
    apply: async ({ workspace }) => {
      begin();
      await gate;
      running.add(workspace.id);
      return { settled: true, detail: '' };
    },
    stop: end,
    destroy: end,
    observe: async ({ id }) => (running.has(id) ? { state: 'running', detail: '' } : { state: 'absent' }),
    async *listOwned() {
      for (const workspaceId of running) yield { workspaceId };
    },
  };
  return { kind, begun, letThrough, running };
};

const isServed = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/api/health`)).ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
};

describe('a stop of Berth', () => {
  test('takes no more requests, and takes away what a build was still starting', async () => {
    const slow = givenSlowKind();
    const template = 'name: slow\ncompute: { kind: slow }\n';
    const templateFolders = [givenTemplates({ slow: template })];
    const berth = await givenBerth({ moreKinds: [slow.kind], templateFolders });
    await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'slow' } });
    await slow.begun;
    const ended = berth.end();
    await expect.poll(() => isServed(berth.url)).toBe(false);
    slow.letThrough();
    await ended;
    expect([...slow.running]).toEqual([]);
  });

  test('leaves nothing of what is asked while it ends; the next start makes what was accepted', async () => {
    const dataDir = temporaryFolder();
    const first = await givenBerth({ dataDir });
    const asked = Array.from({ length: 12 }, (_, n) =>
      first.as('ada').createWorkspace({ body: { name: `w${n}`, template: 'plain' } }),
    );
    await Promise.race(asked);
    const [answers] = await Promise.all([Promise.allSettled(asked), first.close()]);
    expect(workspaceProcesses(dataDir)).toEqual([]);

    const accepted = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    expect(accepted).not.toEqual([]);
    const second = await givenBerth({ dataDir });
    for (const id of accepted) await untilStatus(second.as('ada'), id, 'running');
    await second.end();
    expect(workspaceProcesses(dataDir)).toEqual([]);
  });
});

describe('Ctrl-C during the start', () => {
  test('takes back what was brought up so far, and leaves the folder to the next', async () => {
    const dataDir = temporaryFolder();
    const templateFolders = [givenTemplates({ plain: plainTemplate })];
    const before = await givenBerth({ dataDir, templateFolders });
    const { id } = await before.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(before.as('ada'), id, 'running');
    await before.close();

    const stop = new AbortController();
    const broughtBack = (message: string) => message.includes('it is started again') && stop.abort();
    const log = (_: string, message: string) => void broughtBack(message);
    const starting = givenBerth({ dataDir, templateFolders, log, signal: stop.signal });
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    expect(workspaceProcesses(dataDir)).toEqual([]);

    const after = await givenBerth({ dataDir, templateFolders });
    await untilStatus(after.as('ada'), id, 'running');
    await after.end();
  });

  test('ends the program as it ends one that runs', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const env = { ...process.env, PORT: '0', BERTH_DATA: dataDir };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await expect.poll(() => existsSync(join(dataDir, 'lock.sqlite')), { interval: 5 }).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(workspaceProcesses(dataDir)).toEqual([]);
  });

  test('of a start that fails, nothing that it brought up is left', async () => {
    const dataDir = temporaryFolder();
    const first = await givenBerth({ dataDir });
    const broken = [givenTemplates({ broken: 'name: broken\n' })];
    await first.close();
    await expect(givenBerth({ dataDir, templateFolders: broken })).rejects.toThrow('broken');
    await (await givenBerth({ dataDir })).end();
  });
});
