import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import {
  expectAccessible,
  expectContrast,
  laptop,
  overhang,
  phone,
  picture,
  type Size,
  smallTargets,
  tablet,
} from './browser.ts';
import { choosePerson, type TestPortal } from './portal.ts';

interface Look {
  name: string;
  path: string;
  /** What is there once the page is. */
  there: (page: Page) => { waitFor: () => Promise<void> };
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name, exact: true });
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first();

type Ids = Record<'demo' | 'broken' | 'kiosk' | 'pair', string>;

const adasPages = ({ demo, broken, kiosk, pair }: Ids): Look[] => [
  { name: 'workspaces', path: '/workspaces', there: text('3 workspaces') },
  { name: 'workspaces-filtered', path: '/workspaces?q=dem&status=running', there: text('1 of 3 workspaces') },
  { name: 'workspaces-shared', path: '/workspaces?owner=shared', there: text('pair') },
  { name: 'workspace', path: `/workspaces/${demo}`, there: text('From your own machine') },
  { name: 'workspace-failed', path: `/workspaces/${broken}`, there: text('Try again') },
  { name: 'workspace-browser-only', path: `/workspaces/${kiosk}`, there: text('kiosk is browser-only') },
  { name: 'workspace-shared', path: `/workspaces/${pair}`, there: text('Of linus') },
  { name: 'builds', path: `/workspaces/${demo}/builds`, there: heading('Builds') },
  { name: 'sharing', path: `/workspaces/${demo}/sharing`, there: text('App Web with linus') },
  { name: 'settings', path: `/workspaces/${demo}/settings`, there: heading('Autostart') },
  { name: 'terminal', path: `/workspaces/${demo}/terminal`, there: text('Connected') },
  { name: 'terminal-not-running', path: `/workspaces/${broken}/terminal`, there: heading('Terminal of broken') },
  { name: 'templates', path: '/templates', there: heading('Quickstart') },
  { name: 'template', path: '/templates/quickstart', there: heading('What it makes') },
  { name: 'create', path: '/new/asking', there: heading('New Asking workspace') },
  { name: 'open', path: '/open?app=web--demo--linus', there: heading('There is no such app') },
  { name: 'account', path: '/account', there: heading('You') },
  { name: 'tokens', path: '/account/tokens', there: text('laptop of ada') },
  { name: 'git-key', path: '/account/git-key', there: text('ssh-ed25519') },
  { name: 'command-line', path: '/account/command-line', there: heading('The command berth') },
  { name: 'not-found', path: '/nowhere', there: heading('There is nothing here') },
];

const gracesPages: Look[] = [
  { name: 'first-steps', path: '/workspaces', there: heading('Make your first workspace') },
  { name: 'workspaces-everyone', path: '/workspaces?owner=everyone&sort=used', there: text(/\d workspaces/) },
  { name: 'people', path: '/people', there: text('Ada Lovelace') },
  { name: 'publish', path: '/publish', there: text('It can be published.') },
  { name: 'publish-again', path: '/publish?template=asking', there: heading('What it makes') },
];

/** Every page, held against axe and looked at, at three sizes: on a laptop in both colour schemes. */
export const looks = (portal: TestPortal): void => {
  it('every page is accessible in light and dark, and fits a laptop, a tablet and a phone', async () => {
    const ids = await givenWorld(portal);
    // Side by side: each mostly waits for its browser.
    await Promise.all(
      [laptop, tablet, phone].map(async (size) => {
        await lookAt(portal, 'ada', size, adasPages(ids));
        await lookAt(portal, 'grace', size, gracesPages);
      }),
    );
  }, 180_000);
};

const givenWorld = async ({ berth }: TestPortal): Promise<Ids> => {
  const [ada, linus] = [berth.as('ada'), berth.as('linus')];
  const create = (client: typeof ada, name: string, template: string) =>
    client.createWorkspace({ body: { name, template, parameters: {} } });
  const [demo, broken, kiosk, pair] = await Promise.all([
    create(ada, 'demo', 'quickstart'),
    create(ada, 'broken', 'failing'),
    create(ada, 'kiosk', 'kiosk'),
    create(linus, 'pair', 'quickstart'),
  ]);
  // Both have signed in by their tokens, and are known.
  await ada.createShare({
    params: { workspace: demo.id },
    body: { what: { kind: 'app', app: 'web' }, with: { kind: 'person', person: 'linus' } },
  });
  await linus.createShare({
    params: { workspace: pair.id },
    body: { what: { kind: 'workspace' }, with: { kind: 'person', person: 'ada' } },
  });
  await ada.makeGitKey({ body: {} });
  const { items: tokens } = await ada.listTokens({});
  if (!tokens.some(({ name }) => name === 'laptop of ada'))
    await berth.signedInAs('ada').createToken({ body: { name: 'laptop of ada' } });
  await Promise.all([
    untilStatus(ada, demo.id, 'running'),
    untilStatus(ada, broken.id, 'failed'),
    untilStatus(ada, kiosk.id, 'running'),
    untilStatus(linus, pair.id, 'running'),
  ]);
  return { demo: demo.id, broken: broken.id, kiosk: kiosk.id, pair: pair.id };
};

const lookAt = async (portal: TestPortal, person: string, size: Size, pages: readonly Look[]): Promise<void> => {
  const page = await portal.givenPage(size);
  const own = size.options.colorScheme ?? 'light';
  await page.goto(`${portal.url}/workspaces`);
  await choosePerson(page, person);
  await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
  for (const { name, path, there } of pages) {
    await page.emulateMedia({ colorScheme: own });
    await visit(page, path);
    await there(page).waitFor();
    await expectAccessible(page);
    expect.soft(await overhang(page), `${name} on a ${size.name} is too wide`).toBe(0);
    if (size !== laptop) expect.soft(await smallTargets(page), `${name} on a ${size.name}`).toEqual([]);
    await picture(page, `${name}-${size.name}`);
    // Colours are the same at every size.
    if (size === laptop) await expectContrast(page, 'dark');
  }
};

/** Goes to a page as a link within the portal does: without loading it all anew. */
const visit = (page: Page, path: string): Promise<void> =>
  page.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
