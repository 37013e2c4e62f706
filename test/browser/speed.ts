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
      const scripts = new Map<string, Promise<Buffer>>();
      page.on('response', (response) => {
        if (response.url().endsWith('.js')) scripts.set(response.url(), response.body());
      });
      await page.goto(`${portal.url}/workspaces`);
      await choosePerson(page, 'ada');
      await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
      await page.waitForLoadState('networkidle');
      const bodies = await Promise.all(scripts.values());
      const size = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
      expect(size).toBeGreaterThan(50_000);
      expect(size).toBeLessThanOrEqual(mostScript);
    });
  });
};
