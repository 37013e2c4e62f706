import { describe, expect, it } from 'vitest';
import type { TestPortal } from './portal.ts';

/** People, and one's own account. */
export const people = (portal: TestPortal): void => {
  describe('people', () => {
    it('are found, deactivated and activated by an admin', async () => {
      await portal.berth.as('linus').me();
      const page = await portal.givenSignedIn('grace', { path: '/people' });
      await page.getByLabel('Search people').fill('torvalds');
      await page.getByText('1 of').waitFor();
      expect(new URL(page.url()).search).toBe('?q=torvalds');
      await page.getByRole('button', { name: 'Deactivate linus' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
      await page.getByText('Deactivated').last().waitFor();
      await expect(portal.berth.as('linus').me()).rejects.toThrow(/not active/);
      await page.getByRole('button', { name: 'Activate linus' }).click();
      await page.getByRole('button', { name: 'Deactivate linus' }).waitFor();
      await portal.berth.as('linus').me();
    });

    it('are shown to nobody else', async () => {
      const page = await portal.givenSignedIn('ada', { path: '/people' });
      await page.getByText('People are shown to admins and auditors.').waitFor();
      expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    });

    it('make API tokens whose secret is shown once, and revoke them', async () => {
      const page = await portal.givenSignedIn('linus', { path: '/account/tokens' });
      await page.getByRole('button', { name: 'New token' }).click();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('A name of 1 to 60 characters is required.').waitFor();
      await page.getByLabel('Name').fill('ci <b>x</b>');
      await page.getByRole('button', { name: 'Create token' }).click();
      const secret = await page.getByRole('dialog').locator('pre').innerText();
      expect(secret.length).toBeGreaterThan(20);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Revoke ci <b>x</b>' }).click();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await expect.poll(() => page.getByText('ci <b>x</b>', { exact: true }).count()).toBe(0);
      expect(await page.content()).not.toContain(secret);
    });

    it('have a git key, and replace it once warned', async () => {
      const linus = portal.berth.as('linus');
      await linus.makeGitKey({ body: {} });
      const before = (await linus.getGitKey()).fingerprint;
      const page = await portal.givenSignedIn('linus', { path: '/account/git-key' });
      await page.getByText(before).waitFor();
      await page.getByRole('button', { name: 'Replace…' }).click();
      await page.getByText('Git hosts refuse your workspaces until').waitFor();
      await page.getByRole('button', { name: 'Replace it' }).click();
      await expect.poll(() => page.getByText(before).count()).toBe(0);
      await page.getByText((await linus.getGitKey()).publicKey).waitFor();
    });
  });
};
