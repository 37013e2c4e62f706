import { cpSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Step, Workspace } from '../../contracts/workspace.ts';
import { msOf } from '../../core/instant.ts';
import { givenBerth, type TestBerth, temporaryFolder } from '../support/berth.ts';

let berth: TestBerth;
beforeAll(async () => {
  const templates = temporaryFolder();
  cpSync(join(import.meta.dirname, '..', '..', 'templates', 'vscode'), join(templates, 'vscode'), { recursive: true });
  berth = await givenBerth({ templateFolders: [templates] });
});
afterAll(() => berth.end());

const params = { workspace: 'ide' };

const untilBuilt = async (minutes: number): Promise<Workspace> => {
  let workspace = await berth.as('ada').getWorkspace({ params });
  await expect
    .poll(
      async () => {
        workspace = await berth.as('ada').getWorkspace({ params });
        return ['pending', 'running'].includes(workspace.build.status);
      },
      { timeout: minutes * 60_000, interval: 500 },
    )
    .toBe(false);
  expect(workspace.failure?.message).toBeUndefined();
  return workspace;
};

const stepOf = async (build: number, name: string): Promise<Step | undefined> => {
  const { steps } = await berth.as('ada').getBuild({ params: { ...params, build } });
  return steps.find((step) => step.name === name);
};

const took = (step: Step | undefined): number => msOf(step?.endedAt ?? '') - msOf(step?.startedAt ?? '');

/** What the app answers at its own host, signed in by a ticket as the portal does. */
const open = async (path: string): Promise<string> => {
  const { ticket, url } = await berth.as('ada').createTicket({ params, body: { for: 'app', app: 'code' } });
  const { host } = new URL(url);
  const send = (to: string, headers: Record<string, string>, body?: string) =>
    new Promise<{ cookie: string; body: string }>((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      request(berth.url + to, { method, headers: { host, ...headers } }, async (answer) => {
        let text = '';
        for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString();
        resolve({ cookie: String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '', body: text });
      })
        .on('error', reject)
        .end(body);
    });
  const form = { origin: berth.url, 'content-type': 'application/x-www-form-urlencoded' };
  const { cookie } = await send('/.berth/session', form, new URLSearchParams({ ticket, path: '/' }).toString());
  return (await send(path, { cookie, accept: 'text/html' })).body;
};

test('the first start installs code-server as a step one can watch; later ones are quick', async () => {
  await berth.as('ada').createWorkspace({ body: { name: 'ide', template: 'vscode' } });
  await untilBuilt(9);
  const health = async () => (await berth.as('ada').getWorkspace({ params })).apps[0]?.health;
  await expect.poll(health, { timeout: 60_000, interval: 250 }).toBe('healthy');
  const workbench = await open('/?folder=/');
  expect(workbench).toContain('vscode-workbench-web-configuration');

  await berth.as('ada').stopWorkspace({ params });
  await untilBuilt(1);
  await berth.as('ada').startWorkspace({ params, body: {} });
  await untilBuilt(1);
  await expect.poll(health, { timeout: 60_000, interval: 250 }).toBe('healthy');
  const [first, second] = [await stepOf(1, 'startup'), await stepOf(3, 'startup')];
  expect(first?.hasLog).toBe(true);
  expect(took(second)).toBeLessThan(took(first) / 4);
});
