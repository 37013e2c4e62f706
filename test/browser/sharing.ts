import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import type { TestPortal } from './portal.ts';

/** What people give each other, in the portal. */
export const sharing = (portal: TestPortal): void => {
  describe('sharing', () => {
    it('gives an app to a person, who finds and opens it, and takes it back', async () => {
      const ada = portal.berth.as('ada');
      await portal.berth.as('linus').me();
      const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
      await untilStatus(ada, id, 'running');
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/sharing` });
      await page.getByText('Only you can use it').waitFor();
      await page.getByText('They work as you').waitFor();
      await page.getByLabel('What').selectOption('The app Web');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByText('Say which person.').waitFor();
      await page.getByLabel('User name').fill('nobody-like-it');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await expect.poll(() => page.getByLabel('User name').getAttribute('aria-invalid')).toBe('true');
      await page.getByLabel('User name').fill('linus');
      await page.getByLabel('How long').selectOption('For a day');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByText('App Web with linus').waitFor();
      await page.getByRole('button', { name: 'Copy the address to send for App Web' }).waitFor();

      const other = await portal.givenSignedIn('linus', { path: '/workspaces?owner=shared' });
      const [app] = await Promise.all([
        other.context().waitForEvent('page'),
        other.getByRole('link', { name: 'Web', exact: true }).click(),
      ]);
      await app.getByRole('heading', { name: 'Hello, ada' }).waitFor();

      await page.getByRole('button', { name: 'Revoke App Web with linus' }).click();
      await page.getByText('Only you can use it').waitFor();
      await expect.poll(async () => (await app.reload())?.status(), { timeout: 10_000 }).not.toBe(200);
      await other.reload();
      await other.getByText('Nobody shares anything with you yet').waitFor();
    });

    it('ends a terminal that is open by it, with the reason', async () => {
      const [ada, linus] = [portal.berth.as('ada'), portal.berth.as('linus')];
      const { id } = await linus.createWorkspace({ body: { name: 'pair', template: 'kiosk', parameters: {} } });
      await untilStatus(linus, id, 'running');
      await linus.deleteWorkspace({ params: { workspace: id } });
      const made = await linus.createWorkspace({ body: { name: 'duo', template: 'quickstart', parameters: {} } });
      await untilStatus(linus, made.id, 'running');
      const share = await linus.createShare({
        params: { workspace: made.id },
        body: { what: { kind: 'workspace' }, with: { kind: 'person', person: (await ada.me()).name } },
      });
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${made.id}` });
      await page.getByText('berth ssh duo--linus').waitFor();
      expect(await page.getByRole('link', { name: /^(Settings|Sharing)$/ }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Terminal', exact: true }).click();
      await page.getByText('Connected').waitFor();
      await linus.revokeShare({ params: { workspace: made.id, share: share.id } });
      await page
        .getByRole('alert')
        .getByText(/There is no workspace/)
        .waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    });

    it('offers no more than the template allows, and says what browser-only is', async () => {
      const ada = portal.berth.as('ada');
      const { id } = await ada.createWorkspace({ body: { name: 'kiosk', template: 'kiosk', parameters: {} } });
      await untilStatus(ada, id, 'running');
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/sharing` });
      await page.getByText('This may not be shared.').waitFor();
      expect(await page.getByRole('button', { name: 'Share', exact: true }).isDisabled()).toBe(true);
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByText('kiosk is browser-only').waitFor();
      expect(await page.getByText('berth ssh').count()).toBe(0);
      expect(await page.getByLabel('Port', { exact: true }).count()).toBe(0);
    });
  });
};
