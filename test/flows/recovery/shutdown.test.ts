import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { createClient } from '../../../contracts/client/client.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { givenBerth, givenTemplates, plainTemplate, untilStatus } from '../../support/berth.ts';
import { signalWorkspaces, workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const main = join(import.meta.dirname, '..', '..', '..', 'local', 'main.ts');

/** Compute whose start waits until the test continues it. */
const givenSlowKind = () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: gate, resolve: continueStart } = Promise.withResolvers<void>();
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
    destroy: ({ workspaceId }) => end({ id: workspaceId }),
    quarantine: end,
    observe: async ({ id }) => (running.has(id) ? { state: 'running', detail: '' } : { state: 'absent' }),
    async *listOwned() {
      for (const workspaceId of running) yield { workspaceId };
    },
  };
  return { kind, begun, continueStart, running };
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
  test('refuses new requests, and removes compute that a build was starting', async () => {
    const slow = givenSlowKind();
    const template = 'name: slow\ncompute: { kind: slow }\n';
    const templateFolders = [givenTemplates({ slow: template })];
    const berth = await givenBerth({ moreKinds: [slow.kind], templateFolders });
    await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'slow' } });
    await slow.begun;
    const ended = berth.end();
    await expect.poll(() => isServed(berth.url)).toBe(false);
    slow.continueStart();
    await ended;
    expect([...slow.running]).toEqual([]);
  });

  test.each(['stop', 'listOwned'] as const)(
    'ends although %s of a provider hangs, and logs what is left',
    async (verb) => {
      const { kind, running } = givenSlowKind();
      const hangs = () => new Promise<never>(() => undefined);
      let hanging = false;
      const faulty: ComputeKind<unknown> = {
        ...kind,
        stop: async (ref) => (hanging && verb === 'stop' ? hangs() : kind.stop(ref)),
        async *listOwned() {
          if (hanging && verb === 'listOwned') await hangs();
          yield* kind.listOwned();
        },
      };
      const logged: string[] = [];
      const berth = await givenBerth({
        moreKinds: [faulty],
        sweepEveryMs: 3_600_000,
        stopWithinMs: 3_000,
        log: (_, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
      });
      const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
      await untilStatus(berth.as('ada'), id, 'running');
      running.add('ws-left');
      hanging = true;
      await berth.close();
      expect(workspaceProcesses(berth.dataDir)).toEqual([]);
      const report = logged.find((line) => line.startsWith('some workspaces were not stopped in time'));
      expect(report).toContain(verb === 'stop' ? '"workspaces":"ws-left"' : '"notListed":"slow"');
    },
  );

  test('ends at once on a second Ctrl-C, and the next start cleans up', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const env = { ...process.env, PORT: '0', BERTH_DATA: dataDir };
    const args = ['--disable-warning=ExperimentalWarning', main];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    let url: string | undefined;
    child.stdout.on('data', (text) => {
      url ??= /^ready (\S+)/m.exec(String(text))?.[1];
    });
    const baseUrl = await vi.waitUntil(() => url, { timeout: 60_000 });
    const tokens = JSON.parse(readFileSync(join(dataDir, 'dev-tokens.json'), 'utf8')) as { ada: string };
    const ada = createClient({ baseUrl, token: () => tokens.ada });
    const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart' } });
    await untilStatus(ada, id, 'running');
    // Berth waits some seconds for stopped processes.
    signalWorkspaces(dataDir, 'SIGSTOP');
    const interruptAgain = () => {
      child.kill('SIGINT');
      return child.exitCode;
    };
    await expect.poll(interruptAgain, { timeout: 60_000, interval: 200 }).toBe(130);
    await ended;

    const next = await givenBerth({ dataDir });
    await untilStatus(next.as('ada'), id, 'running');
    await next.end();
    expect(workspaceProcesses(dataDir)).toEqual([]);
  });

  test('leaves nothing running of concurrent requests; the next start creates the accepted ones', async () => {
    const dataDir = temporaryFolder();
    const first = await givenBerth({ dataDir });
    const requests = Array.from({ length: 12 }, (_, n) =>
      first.as('ada').createWorkspace({ body: { name: `w${n}`, template: 'plain' } }),
    );
    await Promise.race(requests);
    const [results] = await Promise.all([Promise.allSettled(requests), first.close()]);
    expect(workspaceProcesses(dataDir)).toEqual([]);

    const accepted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []));
    expect(accepted).not.toEqual([]);
    const second = await givenBerth({ dataDir });
    for (const id of accepted) await untilStatus(second.as('ada'), id, 'running');
    await second.end();
    expect(workspaceProcesses(dataDir)).toEqual([]);
  });
});

describe('Ctrl-C during the start', () => {
  test('stops everything that was started so far, and releases the folder', async () => {
    const dataDir = temporaryFolder();
    const templateFolders = [givenTemplates({ plain: plainTemplate })];
    const before = await givenBerth({ dataDir, templateFolders });
    const { id } = await before.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(before.as('ada'), id, 'running');
    await before.close();

    const stop = new AbortController();
    const abortAtRestart = (message: string) => message.includes('it is started again') && stop.abort();
    const log = (_: string, message: string) => void abortAtRestart(message);
    const starting = givenBerth({ dataDir, templateFolders, log, signal: stop.signal });
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    expect(workspaceProcesses(dataDir)).toEqual([]);

    const after = await givenBerth({ dataDir, templateFolders });
    await untilStatus(after.as('ada'), id, 'running');
    await after.end();
  });

  test('ends the program like a running one', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const env = { ...process.env, PORT: '0', BERTH_DATA: dataDir };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await expect.poll(() => existsSync(join(dataDir, 'lock.sqlite')), { interval: 5, timeout: 50_000 }).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(workspaceProcesses(dataDir)).toEqual([]);
  });

  test('a failed start leaves nothing running', async () => {
    const dataDir = temporaryFolder();
    const first = await givenBerth({ dataDir });
    const broken = [givenTemplates({ broken: 'name: broken\n' })];
    await first.close();
    await expect(givenBerth({ dataDir, templateFolders: broken })).rejects.toThrow('broken');
    await (await givenBerth({ dataDir })).end();
  });
});
