import { describe, expect, it } from 'vitest';
import type { TestPortal } from './portal.ts';

/** The people page and the account pages. */
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

    it('are visible only to admins and auditors', async () => {
      const page = await portal.givenSignedIn('ada', { path: '/people' });
      await page.getByText('Only admins and auditors can see people.').waitFor();
      expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    });

    it('create API tokens whose secret is shown once, and revoke them', async () => {
      const page = await portal.givenSignedIn('linus', { path: '/account/tokens' });
      await page.getByRole('button', { name: 'New token' }).click();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('Enter a name of 1 to 60 characters.').waitFor();
      await page.getByLabel('Name').fill('ci <b>x</b>');
      await page.getByRole('button', { name: 'Create token' }).click();
      const secret = await page.getByRole('dialog').locator('pre').innerText();
      expect(secret.length).toBeGreaterThan(20);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Revoke ci <b>x</b>' }).click();
      await page.getByRole('button', { name: 'Revoke token', exact: true }).click();
      await expect.poll(() => page.getByText('ci <b>x</b>', { exact: true }).count()).toBe(0);
      expect(await page.content()).not.toContain(secret);
    });

    it('have a git key, and replace it after a warning', async () => {
      const linus = portal.berth.as('linus');
      await linus.makeGitKey({ body: {} });
      const before = (await linus.getGitKey()).fingerprint;
      const page = await portal.givenSignedIn('linus', { path: '/account/git-key' });
      await page.getByText(before).waitFor();
      await page.getByRole('button', { name: 'Replace key…' }).click();
      await page.getByText('Git hosts reject your workspaces until').waitFor();
      await page.getByRole('button', { name: 'Replace key', exact: true }).click();
      await expect.poll(() => page.getByText(before).count()).toBe(0);
      await page.getByText((await linus.getGitKey()).publicKey).waitFor();
    });
  });
};
