import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const candidates = [
  process.env['BERTH_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path));

export const launch = (more: string[] = []): Promise<Browser> =>
  // Chromium refuses to run as root with its sandbox, and the pages are Berth's own.
  chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', ...more] });

export interface Size {
  name: string;
  options: BrowserContextOptions;
}
const touch = { hasTouch: true, isMobile: true };
export const laptop: Size = { name: 'laptop', options: { viewport: { width: 1280, height: 800 } } };
/** An iPad in portrait, in dark mode. */
export const tablet: Size = {
  name: 'tablet',
  options: { viewport: { width: 820, height: 1180 }, ...touch, colorScheme: 'dark' },
};
export const phone: Size = { name: 'phone', options: { viewport: { width: 390, height: 844 }, ...touch } };

/** Errors and warnings of a page, including violations of the content security policy. */
export const warningsOf = (page: Page): string[] => {
  const warnings: string[] = [];
  page.on('pageerror', (error) => warnings.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') warnings.push(message.text());
  });
  return warnings;
};

const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');

/** Saves a screenshot of the page in artifacts/. */
export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `portal-${name}.png`) });
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare const axe: { run: (options: object) => Promise<AxeResults> };

/** Waits for all finite animations to end. */
const settled = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const frame = () => new Promise((seen) => requestAnimationFrame(seen));
    const moving = () =>
      document
        .getAnimations()
        .filter(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().endTime !== Infinity);
    // A change is drawn in the next frame, and may start an animation in the one after.
    await frame();
    await frame();
    for (let running = moving(); running.length > 0; running = moving()) {
      await Promise.allSettled(running.map((animation) => animation.finished));
      await frame();
    }
  });

const violationsOf = async (page: Page, options: object = {}): Promise<string[]> => {
  // An element that fades in has too little contrast until the end.
  await settled(page);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const run = { resultTypes: ['violations'], ...options };
  const { violations } = await page.evaluate((run) => axe.run(run), run);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
};

/** Checks a page with all axe rules, including best practices. */
export const expectAccessible = async (page: Page): Promise<void> => {
  expect.soft(await violationsOf(page), `axe at ${page.url()}`).toEqual([]);
};

/** Checks the contrast of a page; the other axe rules do not depend on the color scheme. */
export const expectContrast = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
  const found = await violationsOf(page, { runOnly: ['color-contrast'] });
  expect.soft(found, `axe at ${page.url()} in ${colorScheme}`).toEqual([]);
};

/**
 * Touch targets below 44 px: buttons, fields, and links in bars. Skips elements that are not in the tab order, because
 * they only repeat the function of their field.
 */
export const smallTargets = (page: Page): Promise<string[]> =>
  page
    .locator(
      'button:visible, a.mantine-Button-root:visible, nav a:visible, input.mantine-Input-input:visible, select:visible',
    )
    .evaluateAll((buttons) =>
      buttons
        .filter((button) => button.getAttribute('tabindex') !== '-1' && button.getBoundingClientRect().height < 43.5)
        .map((button) => button.outerHTML.slice(0, 160)),
    );

/** Pixels by which a page overflows the screen horizontally. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
