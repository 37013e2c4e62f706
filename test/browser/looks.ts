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
  /** Visible once the page is loaded. */
  loaded: (page: Page) => { waitFor: () => Promise<void> };
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name, exact: true });
const text = (content: string | RegExp) => (page: Page) => page.getByText(content).first();

type Ids = Record<'demo' | 'broken' | 'unhealthy' | 'kiosk' | 'pair', string>;

const adasPages = ({ demo, broken, unhealthy, kiosk, pair }: Ids): Look[] => [
  { name: 'workspaces', path: '/workspaces', loaded: text('4 workspaces') },
  { name: 'workspaces-filtered', path: '/workspaces?q=dem&status=running', loaded: text('1 of 4 workspaces') },
  { name: 'workspaces-shared', path: '/workspaces?owner=shared', loaded: text('pair') },
  { name: 'workspace', path: `/workspaces/${demo}`, loaded: text('Connect from your machine') },
  { name: 'workspace-failed', path: `/workspaces/${broken}`, loaded: text('Try again') },
  { name: 'workspace-unhealthy', path: `/workspaces/${unhealthy}`, loaded: text('Run startup script again') },
  { name: 'workspace-browser-only', path: `/workspaces/${kiosk}`, loaded: text('kiosk is browser-only') },
  { name: 'workspace-shared', path: `/workspaces/${pair}`, loaded: heading('linus/pair') },
  { name: 'builds', path: `/workspaces/${demo}/builds`, loaded: heading('Builds') },
  { name: 'sharing', path: `/workspaces/${demo}/sharing`, loaded: text('App Web, shared with linus') },
  { name: 'settings', path: `/workspaces/${demo}/settings`, loaded: heading('Autostart') },
  { name: 'terminal', path: `/workspaces/${demo}/terminal`, loaded: text('Connected') },
  { name: 'terminal-not-running', path: `/workspaces/${broken}/terminal`, loaded: heading('Terminal · broken') },
  { name: 'templates', path: '/templates', loaded: heading('Quickstart') },
  { name: 'template', path: '/templates/quickstart', loaded: heading('Resources') },
  { name: 'create', path: '/new/asking', loaded: heading('New Asking workspace') },
  { name: 'open', path: '/open?app=web--demo--linus', loaded: heading('App not found') },
  { name: 'help', path: '/help', loaded: heading('Help') },
  { name: 'account', path: '/account', loaded: heading('Profile') },
  { name: 'tokens', path: '/account/tokens', loaded: text('laptop of ada') },
  { name: 'git-key', path: '/account/git-key', loaded: text('ssh-ed25519') },
  { name: 'command-line', path: '/account/command-line', loaded: heading('Command line') },
  { name: 'not-found', path: '/nowhere', loaded: heading('Page not found') },
];

const gracesPages: Look[] = [
  { name: 'first-steps', path: '/workspaces', loaded: heading('Create your first workspace') },
  { name: 'workspaces-everyone', path: '/workspaces?owner=everyone&sort=used', loaded: text(/\d workspaces/) },
  { name: 'people', path: '/people', loaded: text('Ada Lovelace') },
  { name: 'publish', path: '/publish', loaded: text('Ready to publish.') },
  { name: 'publish-again', path: '/publish?template=asking', loaded: heading('Resources') },
];

/** Checks every page with axe and takes a screenshot, at three sizes; on the laptop in both color schemes. */
export const looks = (portal: TestPortal): void => {
  it('every page is accessible in light and dark, and fits a laptop, a tablet and a phone', async () => {
    const ids = await givenWorkspaces(portal);
    // In parallel, because each mostly waits for its browser.
    await Promise.all(
      [laptop, tablet, phone].map(async (size) => {
        await lookAt(portal, 'ada', size, adasPages(ids));
        await lookAt(portal, 'grace', size, gracesPages);
      }),
    );
  }, 180_000);
};

const givenWorkspaces = async ({ berth }: TestPortal): Promise<Ids> => {
  const [ada, linus] = [berth.as('ada'), berth.as('linus')];
  const create = (client: typeof ada, name: string, template: string) =>
    client.createWorkspace({ body: { name, template, parameters: {} } });
  const [demo, broken, unhealthy, kiosk, pair] = await Promise.all([
    create(ada, 'demo', 'quickstart'),
    create(ada, 'broken', 'wrong'),
    create(ada, 'unhealthy', 'failing'),
    create(ada, 'kiosk', 'kiosk'),
    create(linus, 'pair', 'quickstart'),
  ]);
  // Both people exist, because they have sent requests with their tokens.
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
    untilStatus(ada, unhealthy.id, 'running'),
    untilStatus(ada, kiosk.id, 'running'),
    untilStatus(linus, pair.id, 'running'),
  ]);
  return { demo: demo.id, broken: broken.id, unhealthy: unhealthy.id, kiosk: kiosk.id, pair: pair.id };
};

const lookAt = async (portal: TestPortal, person: string, size: Size, pages: readonly Look[]): Promise<void> => {
  const page = await portal.givenPage(size);
  const own = size.options.colorScheme ?? 'light';
  await page.goto(`${portal.url}/workspaces`);
  await choosePerson(page, person);
  await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
  for (const { name, path, loaded } of pages) {
    await page.emulateMedia({ colorScheme: own });
    await visit(page, path);
    await loaded(page).waitFor();
    await expectAccessible(page);
    expect.soft(await overhang(page), `${name} on a ${size.name} is too wide`).toBe(0);
    const top = await page.locator('#root').boundingBox();
    expect.soft(top?.y, `${name} on a ${size.name} begins at the top`).toBe(0);
    if (size !== laptop) expect.soft(await smallTargets(page), `${name} on a ${size.name}`).toEqual([]);
    await picture(page, `${name}-${size.name}`);
    // Colors are the same at every size.
    if (size === laptop) await expectContrast(page, 'dark');
  }
};

/** Navigates like a link within the portal, without a full load. */
const visit = (page: Page, path: string): Promise<void> =>
  page.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
