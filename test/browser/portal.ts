import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Client } from '../../contracts/client/client.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../support/berth.ts';
import { laptop, launch, type Size } from './browser.ts';

const shipped = join(import.meta.dirname, '..', '..', 'templates');

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
  wrong: `
name: wrong
displayName: Wrong
compute: { kind: process, spec: { limits: { memory: lots } } }
`,
  arriving: `
name: arriving
displayName: Arriving
compute: { kind: process }
agent:
  startup: |
    cat > app.cjs <<'END'
    require('http').createServer((q, r) => {
      let body = ''
      q.on('data', (d) => { body += d })
      q.on('end', () => {
        r.setHeader('set-cookie', 'own=1; SameSite=Lax')
        r.setHeader('content-type', 'text/plain')
        r.end([q.method, q.url, q.headers.cookie, body].join(' '))
      })
    }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1')
    END
    "$BERTH_NODE" app.cjs > /dev/null 2>&1 &
apps: [{ name: web, health: { every: 1s } }]
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
  kiosk: `
name: kiosk
displayName: Kiosk
compute: { kind: process }
browserOnly: true
sharing: { apps: everyone, workspace: none }
`,
};

/** Frees the names and empties the lists for the next test. */
const deleteAll = async (client: Client): Promise<void> => {
  const { items } = await client.listWorkspaces({});
  for (const { id } of items) await client.deleteWorkspace({ params: { workspace: id } });
  await expect.poll(async () => (await client.listWorkspaces({})).items).toEqual([]);
};

/** One Berth with its portal, and one Chromium, for all tests of the portal. */
export class TestPortal {
  #berth: TestBerth | undefined;
  #browser: Browser | undefined;
  readonly #contexts: BrowserContext[] = [];

  get berth(): TestBerth {
    if (this.#berth === undefined) throw new Error('The portal is not started.');
    return this.#berth;
  }

  get url(): string {
    return this.berth.url;
  }

  async start(): Promise<void> {
    this.#berth = await givenBerth({
      withoutPortal: false,
      templateFolders: [shipped, givenTemplates(moreTemplates)],
    });
    this.#browser = await launch();
  }

  /** Closes the windows and deletes the workspaces of a test. */
  async tidy(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
    await Promise.all([this.berth.as('ada'), this.berth.as('linus')].map(deleteAll));
  }

  async end(): Promise<void> {
    await this.#browser?.close();
    await this.#berth?.end();
  }

  async givenPage(size: Size = laptop): Promise<Page> {
    if (this.#browser === undefined) throw new Error('The browser is not started.');
    const context = await this.#browser.newContext(size.options);
    this.#contexts.push(context);
    context.setDefaultTimeout(20_000);
    return context.newPage();
  }

  async givenSignedIn(person: string, { size = laptop, path = '/workspaces' } = {}): Promise<Page> {
    const page = await this.givenPage(size);
    await page.goto(this.url + path);
    await choosePerson(page, person);
    await page.waitForURL(this.url + path);
    return page;
  }
}

export const choosePerson = (page: Page, person: string): Promise<void> =>
  page.locator(`button[value="${person}"]`).click();

/** The status beside a page's heading. */
export const status = (page: Page, word: string) => page.locator('header', { has: page.locator('h1') }).getByText(word);
