import type { Browser, Page } from 'playwright-core';
import { atMost, type Figure } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';

/** A phone at the edge of its network: 400 kbit/s in both directions, and 400 ms there and back. */
const slowLine = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const visits = 3;

interface Visit {
  /** Milliseconds until the first paint. */
  painted: number;
  /** Until the sign-in page could be used, from the portal's address. */
  welcomed: number;
  /** Until the identity provider's page appeared, from a link to a page that needs a sign-in. */
  sentToSignIn: number;
  /** Until the list appeared, from the end of the sign-in. */
  listed: number;
}

/** A page of a browser with an empty cache. */
const newcomer = async (browser: Browser): Promise<Page> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', slowLine);
  return page;
};

const since = (started: number): number => performance.now() - started;

const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries())
            if (name === 'first-contentful-paint') resolve(startTime);
        }).observe({ type: 'paint', buffered: true }),
      ),
  );

/** The portal's first page, opened by a person who reads it before signing in. */
const frontDoor = async (browser: Browser, url: string): Promise<Pick<Visit, 'painted' | 'welcomed'>> => {
  const page = await newcomer(browser);
  const started = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  const welcomed = since(started);
  const painted = await firstPaint(page);
  await page.context().close();
  return { painted, welcomed };
};

/** A link to a page that needs a sign-in. */
const ownPage = async (browser: Browser, url: string): Promise<Pick<Visit, 'sentToSignIn' | 'listed'>> => {
  const page = await newcomer(browser);
  const started = performance.now();
  await page.goto(`${url}/workspaces`, { waitUntil: 'commit' });
  const ada = page.locator('button[value="ada"]');
  await ada.waitFor();
  const sentToSignIn = since(started);
  const signedIn = performance.now();
  await ada.click({ noWaitAfter: true });
  await page.locator('main li button:not([disabled])').first().waitFor();
  const listed = since(signedIn);
  await page.context().close();
  return { sentToSignIn, listed };
};

/** How soon a person with an empty cache and a slow line sees the first paint, the sign-in and the list. */
export const slowVisits = async (browser: Browser, url: string): Promise<Figure[]> => {
  const all: Visit[] = [];
  for (let visit = 0; visit < visits; visit += 1)
    all.push({ ...(await frontDoor(browser, url)), ...(await ownPage(browser, url)) });
  const of = (what: keyof Visit): number[] => all.map((visit) => visit[what]);
  note(
    `portal at 400 kbit/s and 400 ms, nothing cached, ${visits} visits, ms until: first paint ${spread(of('painted'))};`,
  );
  note(`sign-in page ${spread(of('welcomed'))}; identity provider ${spread(of('sentToSignIn'))};`);
  note(`list, from the sign-in on, ${spread(of('listed'))}`);
  return [
    atMost('portal-slow-first-paint', median(of('painted')), 'ms', 4_000),
    atMost('portal-slow-sign-in-page', median(of('welcomed')), 'ms', 4_000),
    atMost('portal-slow-identity-provider', median(of('sentToSignIn')), 'ms', 8_000),
    atMost('portal-slow-list', median(of('listed')), 'ms', 12_000),
  ];
};
