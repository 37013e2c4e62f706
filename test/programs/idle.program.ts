import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launch } from '../browser/browser.ts';
import { optional } from '../requirements.ts';
import { givenProgram, type Program, shippedTemplate } from './given-program.ts';

const available = optional(
  'idle tabs of code-server and JupyterLab',
  chromiumPath !== undefined,
  'Install Chromium (apt-get install chromium), or name one in BERTH_CHROMIUM.',
);

const idleMs = 60_000;
/** Beyond the idle timeout: the delay of recording the last activity, and the stop itself. */
const slackMs = 40_000;

/** Counts what an open tab sends on its own. */
const givenTraffic = (page: Page) => {
  const traffic = { requests: 0, frames: 0 };
  page.on('request', () => {
    traffic.requests += 1;
  });
  page.on('websocket', (socket) =>
    socket.on('framesent', () => {
      traffic.frames += 1;
    }),
  );
  return traffic;
};

/** Repeats a person's action for longer than the idle timeout. */
const work = async (page: Page, act: (page: Page) => Promise<unknown>) => {
  const end = Date.now() + idleMs + 15_000;
  while (Date.now() < end) {
    await act(page);
    await page.waitForTimeout(2_000);
  }
};

const cases = [
  { template: 'vscode', app: 'code', path: '/', shown: '.monaco-workbench .part.editor', sends: 'frames' },
  { template: 'jupyter', app: 'lab', path: '/lab', shown: '.jp-Launcher', sends: 'requests' },
] as const;

describe.runIf(available).each(cases)('$template in a browser', ({ template, app, path, shown, sends }) => {
  let program: Program;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let traffic: ReturnType<typeof givenTraffic>;

  beforeAll(async () => {
    program = await givenProgram(shippedTemplate(template, `${idleMs / 1_000}s`), template, app, 9);
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const [name = '', value = ''] = (await program.signIn()).split('=');
    await context.addCookies([{ name, value, url: `http://${program.host}` }]);
    page = await context.newPage();
    traffic = givenTraffic(page);
    await page.goto(`http://${program.host}${path}`);
    await page.locator(shown).first().waitFor({ timeout: idleMs });
  }, 900_000);
  afterAll(async () => {
    await browser?.close();
    await program?.berth.end();
  });

  test('clicking and typing in it keeps the workspace running', async () => {
    await page
      .locator(shown)
      .first()
      .click({ position: { x: 5, y: 5 } });
    await work(page, () => page.keyboard.press('Escape'));
    expect(await program.stopsAt()).toBeGreaterThan(Date.now() + idleMs - 10_000);
  });

  test('an untouched tab lets the workspace stop, although it keeps sending', async () => {
    const before = { ...traffic };
    const last = Date.now();
    const stopped = await program.waitUntilStopped(idleMs + slackMs);
    expect(stopped.build.reason).toBe('autostop');
    expect(Date.now() - last).toBeGreaterThan(idleMs - 10_000);
    expect(traffic[sends] - before[sends]).toBeGreaterThan(3);
  });
});
