import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launch } from '../../browser/browser.ts';
import { atMost, type Figure } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';
import { givenServer } from '../server/fixture.ts';
import { slowVisits } from './slow-line.ts';

const listed = 20;
const loads = 7;

/** A page that is signed in as ada and loads everything without a cache. */
const signedIn = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage();
  await page.goto(`${url}/workspaces`);
  await page.locator('button[value="ada"]').click();
  await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  return page;
};

/** Milliseconds from the navigation until the list and its buttons can be used. */
const interactive = async (page: Page, url: string): Promise<number> => {
  await page.goto(`${url}/workspaces`, { waitUntil: 'commit' });
  const at = await page.waitForFunction(
    (listed) => document.querySelectorAll('main li button:not([disabled])').length >= listed && performance.now(),
    listed,
    { polling: 'raf' },
  );
  return Number(await at.jsonValue());
};

/** Clicks from the list of workspaces to a terminal of a new workspace that accepts keys. */
const clicksToTerminal = async (page: Page, url: string): Promise<number> => {
  await page.goto(`${url}/workspaces`);
  let clicks = 0;
  const click = async (role: 'link' | 'button', name: string | RegExp) => {
    clicks += 1;
    await page.getByRole(role, { name }).first().click();
  };
  await click('link', 'New workspace');
  await click('button', /^Create tiny/);
  await click('link', /^Terminal$/);
  await page.getByText('Connected').waitFor();
  return clicks;
};

/** The portal in a browser; no figures without one. */
export const portalPage = async (): Promise<Figure[]> => {
  if (chromiumPath === undefined) {
    note('portal: no Chromium here, so nothing is measured in a browser');
    return [];
  }
  await using server = await givenServer(listed);
  const url = server.url.replace('127.0.0.1', 'localhost');
  const browser = await launch();
  try {
    const page = await signedIn(browser, url);
    const durations: number[] = [];
    for (let load = 0; load < loads; load += 1) durations.push(await interactive(page, url));
    note(`portal: ${loads} loads of a list of ${listed} without the browser’s cache, ms: ${spread(durations)}`);
    return [
      atMost('portal-interactive', median(durations), 'ms', 1_000),
      atMost('portal-clicks-to-terminal', await clicksToTerminal(page, url), 'clicks', 3),
      ...(await slowVisits(browser, url)),
    ];
  } finally {
    await browser.close();
  }
};
