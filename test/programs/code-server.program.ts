import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launch } from '../browser/browser.ts';
import { optional } from '../requirements.ts';
import { givenProgram, type Program, shippedTemplate, stepDurationMs, textOf } from './given-program.ts';

const available = optional(
  'code-server in a browser',
  chromiumPath !== undefined,
  'Install Chromium (apt-get install chromium), or name one in BERTH_CHROMIUM.',
);

let code: Program;
beforeAll(async () => {
  code = await givenProgram(shippedTemplate('vscode'), 'vscode', 'code', 9);
}, 600_000);
afterAll(() => code?.berth.end());

const signedIn = async () => ({ headers: { cookie: await code.signIn(), accept: 'text/html' } });

test('the first start installs code-server in a step with a log; later starts are faster', async () => {
  expect(await textOf(code.request('/?folder=/', await signedIn()).end())).toContain(
    'vscode-workbench-web-configuration',
  );
  await code.stop();
  await code.start();
  await code.waitForHealth('healthy');
  const [first, second] = [await code.step(1, 'startup'), await code.step(3, 'startup')];
  expect(first?.hasLog).toBe(true);
  expect(stepDurationMs(second)).toBeLessThan(stepDurationMs(first) / 4);
});

describe.runIf(available)('in a browser', () => {
  let browser: Browser;
  let page: Page;
  let home: string;
  const sockets: string[] = [];

  beforeAll(async () => {
    home = await code.run('pwd');
    writeFileSync(join(home, 'hello.txt'), 'before\n');
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const [name = '', value = ''] = (await code.signIn()).split('=');
    const url = `http://${code.host}`;
    await context.addCookies([{ name, value, url }]);
    page = await context.newPage();
    page.on('websocket', (socket) => socket.on('framereceived', () => sockets.push(socket.url())));
    await page.goto(`${url}/?folder=${home}`);
    await page.getByRole('treeitem', { name: 'hello.txt' }).waitFor({ timeout: 60_000 });
  });
  afterAll(() => browser?.close());

  test('it shows no advertisement and does not ask whether the home is trusted', async () => {
    await page.getByRole('tab', { name: /Welcome/ }).waitFor({ timeout: 60_000 });
    expect(await page.getByText('Restricted Mode').count()).toBe(0);
    expect(await page.getByText('Do you trust the authors').count()).toBe(0);
    expect(await page.getByText(/Deploy code-server|coder\.com/i).count()).toBe(0);
  });

  test('a file that is edited and saved is on disk', async () => {
    await page.getByRole('treeitem', { name: 'hello.txt' }).dblclick();
    const editor = page.locator('.editor-instance .view-lines');
    await editor.getByText('before').waitFor();
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('typed in a browser');
    await page.keyboard.press('Control+s');
    await expect.poll(() => readFileSync(join(home, 'hello.txt'), 'utf8')).toBe('typed in a browser');
    // The management connection and the extension host's connection are WebSockets.
    expect(new Set(sockets).size).toBeGreaterThanOrEqual(1);
  });

  test('its terminal runs in the workspace', async () => {
    await page.keyboard.press('Control+`');
    await page.locator('.terminal-wrapper.active .xterm-screen').click();
    await page.keyboard.type('echo "$BERTH_WORKSPACE_NAME $((6*7))" > from-terminal\n');
    await expect.poll(() => readFileSync(join(home, 'from-terminal'), 'utf8')).toBe('demo 42\n');
  });
});
