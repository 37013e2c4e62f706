import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import { choosePerson, type TestPortal } from './portal.ts';

/** Limits of gzipped script, in bytes: until the list is shown, and before the sign-in. */
const maxScript = 250_000;
const maxBeforeSignIn = 30_000;

const gzipped = async (urls: Iterable<string>): Promise<number> => {
  const bodies = await Promise.all([...urls].map(async (url) => (await fetch(url)).arrayBuffer()));
  return bodies.reduce((sum, body) => sum + gzipSync(Buffer.from(body)).length, 0);
};

export const speed = (portal: TestPortal): void => {
  describe('speed', () => {
    it('takes three clicks from the list to a terminal', async () => {
      const ada = portal.berth.as('ada');
      const first = await ada.createWorkspace({ body: { name: 'first', template: 'kiosk', parameters: {} } });
      await untilStatus(ada, first.id, 'running');
      const page = await portal.givenSignedIn('ada');
      await page.getByRole('link', { name: 'New workspace' }).click();
      await page.getByRole('button', { name: 'Create quickstart with the defaults of Quickstart' }).click();
      await page.getByRole('link', { name: 'Terminal', exact: true }).click();
      await page.getByText('Connected').waitFor();
    });

    it('loads at most 250 KB of script, gzipped, until the list is shown', async () => {
      const page = await portal.givenPage();
      const scripts = new Set<string>();
      page.on('request', (request) => {
        if (request.url().endsWith('.js')) scripts.add(request.url());
      });
      await page.goto(`${portal.url}/workspaces`);
      await choosePerson(page, 'ada');
      await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
      await page.waitForLoadState('networkidle');
      // Fetched again, because the browser forgot the responses from before the redirect to the identity provider.
      const size = await gzipped(scripts);
      expect(size).toBeGreaterThan(50_000);
      expect(size).toBeLessThanOrEqual(maxScript);
    });

    it('redirects to the sign-in before the portal itself is loaded, and paints before any script', async () => {
      const page = await portal.givenPage();
      const scripts = new Set<string>();
      let hold = true;
      await page.route('**/*.{js,css}', async (route) => {
        if (hold) await page.getByText('Loading…').waitFor();
        hold = false;
        scripts.add(route.request().url());
        await route.continue();
      });
      await page.goto(`${portal.url}/workspaces`, { waitUntil: 'commit' });
      await page.locator('button[value="ada"]').waitFor();
      expect(hold).toBe(false);
      expect([...scripts].filter((url) => url.endsWith('.css'))).toEqual([]);
      expect(await gzipped(scripts)).toBeLessThanOrEqual(maxBeforeSignIn);
    });

    it('compresses text, and lets browsers cache files with a hash in their name', async () => {
      const page = await fetch(`${portal.url}/workspaces`);
      const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
      const asset = await fetch(portal.url + script, { headers: { 'accept-encoding': 'br, gzip' } });
      expect(Object.fromEntries(asset.headers)).toMatchObject({
        'content-encoding': 'br',
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': expect.stringMatching(/javascript/),
        vary: 'Accept-Encoding',
      });
      const older = await fetch(portal.url + script, { headers: { 'accept-encoding': 'gzip' } });
      expect(older.headers.get('content-encoding')).toBe('gzip');
      const plain = await fetch(portal.url + script, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe(await asset.text());
      expect(page.headers.get('cache-control')).toBe('no-cache');
    });
  });
};
