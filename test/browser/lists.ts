import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import type { TestPortal } from './portal.ts';

const names = (page: Page): Promise<string[]> => page.locator('li h2').allInnerTexts();
const search = (page: Page) => page.getByLabel('Search workspaces');

/** The list of workspaces, whose filters are in the URL. */
export const lists = (portal: TestPortal): void => {
  describe('a list', () => {
    it('keeps search, filters and order in the URL, so that "Back" works', async () => {
      const ada = portal.berth.as('ada');
      for (const name of ['one', 'two', 'three']) {
        await ada.createWorkspace({ body: { name, template: name === 'two' ? 'kiosk' : 'failing', parameters: {} } });
      }
      const page = await portal.givenSignedIn('ada');
      await page.getByText('3 workspaces').waitFor();
      await page.getByLabel('Template').selectOption('Failing');
      await page.getByText('2 of 3 workspaces').waitFor();
      expect(new URL(page.url()).search).toBe('?template=failing');
      await search(page).pressSequentially('thr');
      await page.getByText('1 of 3 workspaces').waitFor();
      expect(new URL(page.url()).search).toBe('?template=failing&q=thr');
      await page.reload();
      await page.getByText('1 of 3 workspaces').waitFor();
      expect(await search(page).inputValue()).toBe('thr');

      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByText('3 workspaces', { exact: true }).waitFor();
      expect(await search(page).inputValue()).toBe('');
      await page.goBack();
      await page.getByText('1 of 3 workspaces').waitFor();
      expect(await search(page).inputValue()).toBe('thr');

      await page.goto(`${portal.url}/workspaces?sort=newest`);
      await expect.poll(() => names(page)).toEqual(['three', 'two', 'one']);
      await page.getByLabel('Sort').selectOption('Sort by name');
      await expect.poll(() => names(page)).toEqual(['one', 'three', 'two']);
      expect(new URL(page.url()).search).toBe('');
    });

    it('searches all pages, also those not loaded yet', async () => {
      const ada = portal.berth.as('ada');
      for (const name of ['aa', 'bb', 'cc']) await ada.createWorkspace({ body: { name, template: 'kiosk' } });
      const page = await portal.givenPage();
      await page.route('**/api/workspaces?*', (route) =>
        route.continue({ url: route.request().url().replace('limit=100', 'limit=1') }),
      );
      await page.goto(`${portal.url}/workspaces`);
      await page.locator('button[value="ada"]').click();
      await page.getByRole('button', { name: 'Show more' }).waitFor();
      await expect.poll(() => names(page)).toEqual(['aa']);
      await page.getByText('First 1 workspace', { exact: true }).waitFor();
      await search(page).fill('cc');
      await expect.poll(() => names(page)).toEqual(['cc']);
      await page.getByText('1 of 3 workspaces').waitFor();
    });

    it('keeps room for the name, however many apps there are', async () => {
      const apps = ['one', 'two', 'three', 'four', 'five', 'six'].map(
        (name, at) => `  - { name: ${name}, displayName: The application called ${name}, port: ${4000 + at} }\n`,
      );
      await portal.berth.as('grace').publishTemplate({
        params: { template: 'many' },
        body: { file: `name: many\ncompute: { kind: process }\napps:\n${apps.join('')}` },
      });
      const ada = portal.berth.as('ada');
      const { id } = await ada.createWorkspace({ body: { name: 'has-a-rather-long-name', template: 'many' } });
      await untilStatus(ada, id, 'running');
      const page = await portal.givenSignedIn('ada');
      await page.getByText('The application called six').waitFor();
      const name = await page.getByRole('link', { name: 'has-a-rather-long-name', exact: true }).boundingBox();
      expect(name?.width).toBeGreaterThan(150);
    });

    it('shows an auditor all workspaces, read-only', async () => {
      await portal.berth
        .as('linus')
        .createWorkspace({ body: { name: 'shop', template: 'quickstart', parameters: {} } });
      await portal.berth.as('ada').me();
      await portal.berth.as('linus').createShare({
        params: { workspace: 'shop' },
        body: { what: { kind: 'port', port: 3000 }, with: { kind: 'person', person: 'ada' } },
      });
      const page = await portal.givenSignedIn('sam');
      await page.getByRole('link', { name: 'linus/shop', exact: true }).waitFor();
      await page.getByText('Mine', { exact: true }).click();
      await page.waitForURL('**/workspaces?owner=me');
      await page.getByText('You have no workspaces').waitFor();
      await page.getByText('All', { exact: true }).click();
      await page.waitForURL('**/workspaces');
      expect(await page.getByRole('button', { name: /^(Start|Stop|Cancel) shop/ }).count()).toBe(0);
      await page.getByRole('link', { name: 'linus/shop', exact: true }).click();
      await page.getByText('Owned by linus').waitFor();
      expect(await page.getByRole('link', { name: /^(Settings|Terminal)$/ }).count()).toBe(0);
      await page.getByRole('link', { name: 'Sharing' }).click();
      await page.getByText('Port 3000, shared with ada').waitFor();
      expect(await page.getByRole('button', { name: /^(Revoke|Share)/ }).count()).toBe(0);
    });

    it('lets an admin stop another person’s workspace, but not use it', async () => {
      const linus = portal.berth.as('linus');
      const { id } = await linus.createWorkspace({ body: { name: 'shop', template: 'kiosk', parameters: {} } });
      await untilStatus(linus, id, 'running');
      const page = await portal.givenSignedIn('grace', { path: `/workspaces/${id}` });
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Stopped').first().waitFor();
      expect(await page.getByRole('region', { name: 'Terminal and apps' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByText('Only linus can change these.').waitFor();
      expect(await page.title()).toBe('Settings · shop · Berth');
      expect(await page.getByRole('button', { name: /^Apply and/ }).count()).toBe(0);
    });

    it('hides workspaces of other people', async () => {
      const { id } = await portal.berth
        .as('linus')
        .createWorkspace({ body: { name: 'secret', template: 'kiosk', parameters: {} } });
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}` });
      await page.getByRole('heading', { name: 'Workspace not found' }).waitFor();
      for (const app of ['web--secret--linus', '3000--secret--linus', 'web--demo--ada']) {
        await page.goto(`${portal.url}/open?app=${app}&path=${app.endsWith('ada') ? '//evil.example' : '/'}`);
        await page.getByRole('heading', { name: 'App not found' }).waitFor();
      }
    });
  });
};
