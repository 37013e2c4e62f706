import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import { choosePerson, type TestPortal } from './portal.ts';

/** Bytes of script, gzipped, until the list is there. */
const mostScript = 250_000;

export const speed = (portal: TestPortal): void => {
  describe('speed', () => {
    it('is three clicks from the list to a terminal', async () => {
      const ada = portal.berth.as('ada');
      const first = await ada.createWorkspace({ body: { name: 'first', template: 'kiosk', parameters: {} } });
      await untilStatus(ada, first.id, 'running');
      const page = await portal.givenSignedIn('ada');
      await page.getByRole('link', { name: 'New workspace' }).click();
      await page.getByRole('button', { name: 'Create quickstart with the defaults of Quickstart' }).click();
      await page.getByRole('link', { name: 'Terminal', exact: true }).click();
      await page.getByText('Connected').waitFor();
    });

    it('loads at most 250 KB of script, gzipped, until the list is there', async () => {
      const page = await portal.givenPage();
      const scripts = new Set<string>();
      page.on('request', (request) => {
        if (request.url().endsWith('.js')) scripts.add(request.url());
      });
      await page.goto(`${portal.url}/workspaces`);
      await choosePerson(page, 'ada');
      await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
      await page.waitForLoadState('networkidle');
      // Read anew: what came before the sign-in left the page for the provider's is gone from the browser.
      const bodies = await Promise.all([...scripts].map(async (url) => (await fetch(url)).arrayBuffer()));
      const size = bodies.reduce((sum, body) => sum + gzipSync(Buffer.from(body)).length, 0);
      expect(size).toBeGreaterThan(50_000);
      expect(size).toBeLessThanOrEqual(mostScript);
    });
  });
};
