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

export const launch = (): Promise<Browser> =>
  // Without its sandbox, as Chromium refuses to run as root with it; the pages are Berth's own.
  chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });

export interface Size {
  name: string;
  options: BrowserContextOptions;
}
export const laptop: Size = { name: 'laptop', options: { viewport: { width: 1280, height: 800 } } };
/** An iPad held upright, in the dark. */
export const tablet: Size = {
  name: 'tablet',
  options: { viewport: { width: 820, height: 1180 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
};

/** Everything a page complained of, the content security policy's refusals included. */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
};

const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');

/** Keeps a picture of the page for people to look at. */
export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `portal-${name}.png`) });
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare const axe: { run: (options: object) => Promise<AxeResults> };

/** Waits for what moves to come to rest, save what never does, as a spinner. */
const settled = (page: Page): Promise<unknown> =>
  page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map((animation) => animation.finished));
  });

/** Holds a page against axe's rules, best practices included. */
export const expectAccessible = async (page: Page): Promise<void> => {
  // What fades in has too little contrast until it is there.
  await settled(page);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  expect(found, `axe at ${page.url()}`).toEqual([]);
};

/** What a finger cannot hit: buttons below 44 px. */
export const smallButtons = (page: Page): Promise<string[]> =>
  page
    .locator('button:visible, a.mantine-Button-root:visible')
    .evaluateAll((buttons) =>
      buttons
        .filter((button) => button.getBoundingClientRect().height < 44)
        .map((button) => button.outerHTML.slice(0, 160)),
    );
