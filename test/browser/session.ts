import { describe, expect, it } from 'vitest';
import { expectAccessible, picture } from './browser.ts';
import type { TestPortal } from './portal.ts';

/** Signing in and out, and failures of the network and the server. */
export const session = (portal: TestPortal): void => {
  describe('a session', () => {
    it('shows that Berth is not responding, and recovers', async () => {
      const page = await portal.givenSignedIn('ada');
      const create = page.getByRole('button', { name: 'Create quickstart with the defaults of Quickstart' });
      await create.waitFor();
      await page.route('**/api/**', (route) => route.abort());
      await create.click();
      await page.getByText('Something went wrong').waitFor();
      await page.getByText('Berth is not responding. Retrying…').waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Dismiss' }).click();
      await page.getByRole('link', { name: 'Choose Quickstart' }).click();
      await picture(page, 'offline');
      await page.unroute('**/api/**');
      await page.getByRole('heading', { name: 'New Quickstart workspace' }).waitFor();
      await expect.poll(() => page.getByText('Berth is not responding').count()).toBe(0);
    });

    it('shows on the sign-in page that Berth is not responding, and recovers', async () => {
      const page = await portal.givenPage();
      await page.route('**/api/config', (route) => route.abort());
      await page.goto(`${portal.url}/workspaces`);
      await page.getByText('Berth is not responding. Check your connection').waitFor();
      await expectAccessible(page);
      await page.unroute('**/api/config');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('button[value="ada"]').waitFor();
    });

    it('survives a page whose script cannot be loaded', async () => {
      const page = await portal.givenSignedIn('ada');
      await page.getByRole('heading', { name: 'Create your first workspace' }).waitFor();
      await page.route('**/assets/AccountPage-*.js', (route) => route.abort());
      await page.goto(`${portal.url}/account`);
      await page.getByText('This page could not be displayed').waitFor();
      await expectAccessible(page);
      await picture(page, 'crash');
      await page.getByRole('link', { name: 'Go to workspaces', exact: true }).click();
      await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
    });

    it('renews a session before it expires, and returns to the page after it expired', async () => {
      const page = await portal.givenSignedIn('ada', { path: '/account/tokens' });
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

      // The provider rejects the renewal but has a session: the person need not do anything.
      await changeUser({ expires_at: Math.floor(Date.now() / 1_000) - 1, refresh_token: 'used-before' });
      // Forgets the recent sign-in, because two within 30 seconds count as a loop.
      await page.evaluate(() => sessionStorage.removeItem('berth.sign-in-at'));
      await page.reload();
      await page.getByRole('table').waitFor();

      await changeUser({ access_token: 'not-a-token' });
      await page.reload();
      await page.getByText('Your session has expired.').waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${portal.url}/account/tokens`);
      await page.getByRole('heading', { name: 'API tokens' }).waitFor();
    });

    it('signs out at the identity provider as well', async () => {
      const page = await portal.givenSignedIn('ada');
      await page.getByRole('button', { name: /menu of Ada/ }).click();
      await expectAccessible(page);
      await picture(page, 'menu');
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${portal.url}/`);
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await expectAccessible(page);
      await picture(page, 'sign-in');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('button[value="linus"]').waitFor();
    });
  });
};
