import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../contracts/client.ts';
import { optional } from '../requirements.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../support/berth.ts';
import {
  chromiumPath,
  complaintsOf,
  expectAccessible,
  laptop,
  launch,
  picture,
  type Size,
  smallButtons,
  tablet,
} from './browser.ts';

const available = optional(
  'the portal in a browser',
  chromiumPath !== undefined,
  'Install Chromium (apt-get install chromium), or name one in BERTH_CHROMIUM.',
);

const moreTemplates = {
  failing: `
name: failing
displayName: Failing
compute: { kind: process }
parameters:
  - { name: code, displayName: Exit code, type: number, integer: true, min: 0, max: 99, default: 3 }
agent:
  startup: |
    printf '\\033[31mabout to fail\\033[0m <b>plain</b>\\n'
    exit \${{ parameters.code }}
`,
  asking: `
name: asking
displayName: Asking
compute: { kind: process }
parameters:
  - { name: region, displayName: Region, type: string, options: [{ value: here, label: Over here }, { value: there }] }
  - { name: disk, displayName: Disk, type: number, integer: true, min: 1, max: 9, default: 5 }
  - { name: tools, displayName: Tools, type: list, default: [git] }
`,
};

/** So that the next test finds its names free and its lists empty. */
const deleteAll = async (client: Client): Promise<void> => {
  const { items } = await client.listWorkspaces({});
  for (const { id } of items) await client.deleteWorkspace({ params: { workspace: id } });
  await expect.poll(async () => (await client.listWorkspaces({})).items).toEqual([]);
};

describe.runIf(available)('the portal', () => {
  let berth: TestBerth;
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    const shipped = join(import.meta.dirname, '..', '..', 'templates');
    berth = await givenBerth({ withoutPortal: false, templateFolders: [shipped, givenTemplates(moreTemplates)] });
    browser = await launch();
  }, 120_000);

  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await Promise.all([berth.as('ada'), berth.as('linus')].map(deleteAll));
  });

  afterAll(async () => {
    await browser?.close();
    await berth?.end();
  });

  const givenPage = async (size: Size = laptop): Promise<Page> => {
    const context = await browser.newContext(size.options);
    contexts.push(context);
    context.setDefaultTimeout(10_000);
    return context.newPage();
  };

  const choosePerson = (page: Page, person: string) => page.locator(`button[value="${person}"]`).click();

  const givenSignedIn = async (person: string, { size = laptop, path = '/workspaces' } = {}): Promise<Page> => {
    const page = await givenPage(size);
    await page.goto(berth.url + path);
    await choosePerson(page, person);
    await page.waitForURL(berth.url + path);
    return page;
  };

  const status = (page: Page, word: string) => page.locator('header', { has: page.locator('h1') }).getByText(word);

  describe.each([laptop, tablet])('at the size of a $name', (size) => {
    it('tells the whole story, from sign-in to delete', async () => {
      const page = await givenPage(size);
      const complaints = complaintsOf(page);
      const shown = async (name: string) => {
        await expectAccessible(page);
        await picture(page, `${name}-${size.name}`);
      };

      await page.goto(berth.url);
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await shown('sign-in');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await choosePerson(page, 'ada');
      await page.getByRole('heading', { name: 'Make your first workspace' }).waitFor();
      await page.getByRole('link', { name: 'Choose Quickstart' }).waitFor();
      await shown('first-steps');

      await page.getByRole('link', { name: 'Choose Quickstart' }).click();
      await page.getByLabel('Name', { exact: false }).first().fill('demo');
      await page.getByLabel('Greeting').fill('Ahoy');
      await shown('create');
      await page.getByRole('button', { name: 'Create' }).click();

      const steps = page.getByRole('region', { name: 'Build 1' }).getByRole('listitem');
      await steps.filter({ hasText: 'Startup script' }).filter({ hasText: 'Done' }).waitFor();
      await status(page, 'Running').waitFor();
      await page.getByText(/^Stops (at|tomorrow)/).waitFor();
      await page.getByRole('link', { name: 'Web' }).waitFor();
      await page.getByRole('button', { name: /Startup script/ }).click();
      await page.getByText('Your page is the app Web.').waitFor();
      await shown('workspace');
      if (size === tablet) expect(await smallButtons(page)).toEqual([]);

      await page.getByRole('link', { name: 'Terminal' }).click();
      await page.getByText('Connected').waitFor();
      await page.keyboard.type('echo $((6 * 7)) is the answer\n');
      await page.getByText('42 is the answer').waitFor();
      await shown('terminal');
      if (size === tablet) await page.getByRole('toolbar', { name: 'Keys' }).waitFor();
      await page.getByRole('link', { name: 'demo' }).click();

      const [app] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('link', { name: 'Web' }).click(),
      ]);
      await app.getByRole('heading', { name: 'Ahoy, ada' }).waitFor();
      expect(app.url()).toBe(`http://web--demo--ada.${new URL(berth.url).host}/`);
      await app.close();

      await page.getByRole('button', { name: 'Extend' }).click();
      await page.getByRole('menuitem', { name: /^4h/ }).waitFor();
      await shown('extend');
      await page.getByRole('menuitem', { name: /^4h/ }).click();
      await page.getByText('as it was extended to then').waitFor();

      await page.getByRole('button', { name: 'Stop' }).click();
      await status(page, 'Stopped').waitFor();
      await shown('stopped');
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await status(page, 'Running').waitFor();
      await page.getByRole('link', { name: 'Workspaces' }).first().click();
      await page.getByRole('link', { name: 'Terminal of demo' }).waitFor();
      await shown('workspaces');
      if (size === tablet) expect(await smallButtons(page)).toEqual([]);

      await page.getByRole('link', { name: 'demo', exact: true }).click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete demo' }).waitFor();
      await shown('delete');
      await page.getByRole('button', { name: 'Delete demo' }).click();
      await page.getByText('demo is deleted.').waitFor();
      await page.getByRole('heading', { name: 'Make your first workspace' }).waitFor();
      expect(complaints).toEqual([]);
    }, 90_000);

    it('says why a build failed, and starts again with other parameters', async () => {
      const made = await berth
        .as('ada')
        .createWorkspace({ body: { name: 'broken', template: 'failing', parameters: {} } });
      const page = await givenSignedIn('ada', { size, path: `/workspaces/${made.id}` });
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await page
        .getByRole('region', { name: 'Log of Startup script' })
        .getByText('about to fail <b>plain</b>')
        .waitFor();
      await expectAccessible(page);
      await picture(page, `failed-${size.name}`);

      await page.getByRole('button', { name: 'Change parameters and start again' }).click();
      await page.getByRole('textbox', { name: 'Exit code' }).fill('100');
      await page.getByRole('button', { name: 'Start with these' }).click();
      await page.getByText('Exit code must be at most 99.').waitFor();
      await expectAccessible(page);
      await picture(page, `parameters-${size.name}`);
      await page.getByRole('textbox', { name: 'Exit code' }).fill('0');
      await page.getByRole('button', { name: 'Start with these' }).click();
      await status(page, 'Running').waitFor();

      await page.getByRole('link', { name: /^1 Start/ }).click();
      await page.getByRole('heading', { name: 'Start · build 1' }).waitFor();
    });

    it('has a workspace start by itself, and says when', async () => {
      const { id } = await berth.as('ada').createWorkspace({ body: { name: 'early', template: 'quickstart' } });
      const page = await givenSignedIn('ada', { size, path: `/workspaces/${id}` });
      await page.getByRole('button', { name: 'Set autostart' }).click();
      for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'])
        await page.getByRole('checkbox', { name: day }).press('Space');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Choose at least one day.').waitFor();
      await expectAccessible(page);
      await picture(page, `autostart-${size.name}`);
      if (size === tablet) expect(await smallButtons(page)).toEqual([]);

      await page.getByRole('checkbox', { name: 'Saturday' }).press('Space');
      await page.getByRole('checkbox', { name: 'Sunday' }).press('Space');
      await page.getByLabel('Time', { exact: false }).first().fill('06:05');
      await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Sat, Sun at 06:05, Asia/Tokyo time').waitFor();
      await page.getByText(/^Starts (at|tomorrow|on)/).waitFor();
      await expectAccessible(page);
      const { autostart } = await berth.as('ada').getWorkspace({ params: { workspace: id } });
      expect(autostart).toMatchObject({ days: ['sat', 'sun'], at: '06:05', timeZone: 'Asia/Tokyo' });

      await page.getByRole('button', { name: 'Change autostart' }).click();
      await page.getByRole('button', { name: 'Turn off' }).click();
      await page.getByText('Off. It starts when somebody starts it.').waitFor();
      expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).autostart).toBeUndefined();
    });

    it('makes API tokens, shows a secret once, and revokes', async () => {
      const page = await givenSignedIn('linus', { size, path: '/tokens' });
      await page.getByRole('button', { name: 'New token' }).click();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('A name of 1 to 60 characters is required.').waitFor();
      await page.getByLabel('Name').fill(`ci ${size.name}`);
      await page.getByRole('button', { name: 'Create token' }).click();
      const secret = await page.getByRole('dialog').locator('pre').innerText();
      expect(secret.length).toBeGreaterThan(20);
      await expectAccessible(page);
      await picture(page, `token-${size.name}`);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: `Revoke ci ${size.name}` }).click();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await expect.poll(() => page.getByText(`ci ${size.name}`, { exact: true }).count()).toBe(0);
      await expectAccessible(page);
      expect(await page.content()).not.toContain(secret);
    });
  });

  it('is three clicks from the list to a terminal', async () => {
    const running = await berth
      .as('ada')
      .createWorkspace({ body: { name: 'first', template: 'failing', parameters: { code: 0 } } });
    await untilStatus(berth.as('ada'), running.id, 'running');
    const page = await givenSignedIn('ada');
    await page.getByRole('link', { name: 'New workspace' }).click();
    await page.getByRole('button', { name: /^Create quickstart/ }).click();
    await page.getByRole('link', { name: 'Terminal' }).click();
    await page.getByText('Connected').waitFor();
  });

  it('makes one workspace of a double click, and puts the server’s objection beside the field', async () => {
    const page = await givenSignedIn('ada', { path: '/new/asking' });
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Region is required.').waitFor();
    await expectAccessible(page);
    await picture(page, 'create-refused');
    await page.getByLabel('Region').selectOption('Over here');
    await page.getByRole('button', { name: 'Create' }).dblclick();
    await page.getByRole('heading', { name: 'asking', exact: true }).waitFor();
    const { items } = await berth.as('ada').listWorkspaces({});
    expect(items.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['asking', { region: 'here', disk: 5, tools: ['git'] }],
    ]);

    await page.goto(`${berth.url}/new/asking`);
    expect(await page.getByLabel('Name').inputValue()).toBe('asking-2');
    await page.getByLabel('Name').fill('asking');
    await page.getByLabel('Region').selectOption('there');
    await page.getByRole('button', { name: 'Create' }).click();
    const name = page.getByLabel('Name');
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it('never starts anything by a link', async () => {
    const ada = berth.as('ada');
    const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
    await untilStatus(ada, id, 'running');
    await ada.stopWorkspace({ params: { workspace: id } });
    await untilStatus(ada, id, 'stopped');

    const page = await givenSignedIn('ada', { path: '/workspaces/demo?start=1' });
    await page.getByRole('region', { name: 'Start demo?' }).waitFor();
    await expectAccessible(page);
    await picture(page, 'start-prompt');
    expect((await ada.getWorkspace({ params: { workspace: id } })).build.number).toBe(2);

    await page.goto(`${berth.url}/open?app=web--demo--ada&path=/about`);
    await page.getByText('as the workspace is not running').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Start demo' }).click();
    await page.waitForURL(`http://web--demo--ada.${new URL(berth.url).host}/about`);
    await page.getByText('"workspace":"demo"').waitFor();
  });

  it('shows nobody what is someone else’s', async () => {
    const linus = berth.as('linus');
    const { id } = await linus.createWorkspace({ body: { name: 'secret', template: 'quickstart', parameters: {} } });
    const page = await givenSignedIn('ada', { path: `/workspaces/${id}` });
    await page.getByRole('heading', { name: 'There is no such workspace' }).waitFor();
    await page.goto(`${berth.url}/open?app=web--secret--linus&path=/`);
    await page.getByRole('heading', { name: 'There is no such app' }).waitFor();
    await page.goto(`${berth.url}/open?app=web--demo--ada&path=//evil.example`);
    await page.getByRole('heading', { name: 'There is no such app' }).waitFor();
    await page.goto(`${berth.url}/nowhere`);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await expectAccessible(page);
  });

  it('shows an auditor everyone’s, and lets them look only', async () => {
    await berth.as('linus').createWorkspace({ body: { name: 'shop', template: 'quickstart', parameters: {} } });
    const page = await givenSignedIn('sam');
    await page.getByText('Everyone’s').click();
    await page.waitForURL('**/workspaces?owner=everyone');
    await page.getByRole('link', { name: 'shop', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^(Start|Stop|Cancel) shop/ }).count()).toBe(0);
    await page.getByLabel('Search workspaces').fill('nothing like it');
    await page.getByText('None of').waitFor();
    expect(page.url()).toContain('q=nothing');
    await expectAccessible(page);
  });

  it('takes up a terminal where the connection was lost', async () => {
    const ada = berth.as('ada');
    const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
    await untilStatus(ada, id, 'running');
    const page = await givenSignedIn('ada');
    let cut = () => {};
    await page.routeWebSocket(/\/gateway\//, (socket) => {
      const server = socket.connectToServer();
      cut = () => {
        void server.close();
        void socket.close();
      };
    });
    await page.goto(`${berth.url}/workspaces/${id}/terminal`);
    await page.getByText('Connected').waitFor();
    await page.keyboard.type('marker=still-here; clear; echo before\n');
    await page.locator('.xterm-rows').getByText('before', { exact: true }).waitFor();
    cut();
    await page.getByText('Connection lost').waitFor();
    await page.getByText('Connected').waitFor();
    await page.keyboard.type('echo $marker\n');
    await page.locator('.xterm-rows').getByText('still-here', { exact: true }).waitFor();
    await page.keyboard.type('exit 4\n');
    await page.getByText('The shell ended with exit code 4.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'New shell' }).click();
    await page.getByText('Connected').waitFor();
  });

  it('says when Berth does not answer, and goes on when it does', async () => {
    const page = await givenSignedIn('ada');
    await page.getByRole('heading', { name: 'Make your first workspace' }).waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await page.getByRole('link', { name: 'Choose Quickstart' }).click();
    await page.getByText('Berth does not answer; trying again.').waitFor();
    await expectAccessible(page);
    await picture(page, 'offline');
    await page.unroute('**/api/**');
    await page.getByRole('heading', { name: 'New Quickstart workspace' }).waitFor();
    await expect.poll(() => page.getByText('Berth does not answer').count()).toBe(0);
  });

  it('renews a sign-in about to end, and comes back to the page after one that is over', async () => {
    const page = await givenSignedIn('ada', { path: '/tokens' });
    // A reload while a request renews would lose the rotated refresh token.
    await page.getByRole('table').waitFor();
    const changeUser = (change: object) =>
      page.evaluate((change) => {
        const key = Object.keys(sessionStorage).find((name) => name.startsWith('oidc.user:')) ?? '';
        const user = JSON.parse(sessionStorage.getItem(key) ?? '{}') as object;
        sessionStorage.setItem(key, JSON.stringify({ ...user, ...change }));
      }, change);

    const renewal = page.waitForResponse((response) => response.url().endsWith('/token'));
    await changeUser({ expires_at: Math.floor(Date.now() / 1_000) + 30 });
    await page.reload();
    expect(await (await renewal).text()).toContain('access_token');
    await page.getByRole('heading', { name: 'API tokens' }).waitFor();

    // Refused by the provider, which still knows who is here: nobody needs to do anything.
    await changeUser({ expires_at: Math.floor(Date.now() / 1_000) - 1, refresh_token: 'used-before' });
    // Forgets that it signed in a moment ago; twice in half a minute would be a loop.
    await page.evaluate(() => sessionStorage.removeItem('berth.sign-in-at'));
    await page.reload();
    await page.getByRole('table').waitFor();

    await changeUser({ access_token: 'not-a-token' });
    await page.reload();
    await page.getByText('Your session is over.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${berth.url}/tokens`);
    await page.getByRole('heading', { name: 'API tokens' }).waitFor();
  });

  it('signs out for good', async () => {
    const page = await givenSignedIn('ada');
    await page.getByRole('button', { name: /menu of Ada/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${berth.url}/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('button[value="linus"]').waitFor();
  });

  it('loads at most 250 KB of script, gzipped, until the list is there', async () => {
    const page = await givenPage();
    const scripts = new Map<string, Promise<Buffer>>();
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.set(response.url(), response.body());
    });
    await page.goto(`${berth.url}/workspaces`);
    await choosePerson(page, 'ada');
    await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    const bodies = await Promise.all(scripts.values());
    const size = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThanOrEqual(250_000);
  });
});
