import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import type { TestPortal } from './portal.ts';

/** Sharing in the portal. */
export const sharing = (portal: TestPortal): void => {
  describe('sharing', () => {
    it('shares an app with a person, who finds and opens it, and revokes it', async () => {
      const ada = portal.berth.as('ada');
      await portal.berth.as('linus').me();
      const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
      await untilStatus(ada, id, 'running');
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/sharing` });
      await page.getByText('Only you can use this workspace').waitFor();
      await page.getByText('They act as you').waitFor();
      const person = page.getByLabel('Person').and(page.locator('input'));
      await page.getByLabel('What to share').selectOption('The app Web');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByText('Enter a person.').waitFor();
      await person.fill('nobody-like-it');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await expect.poll(() => person.getAttribute('aria-invalid')).toBe('true');
      await person.fill('Linus T');
      await page.getByRole('option', { name: 'Linus Torvalds (linus)' }).click();
      await page.getByLabel('Expiration').selectOption('1 day');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByText('App Web, shared with linus').waitFor();
      await page.getByRole('button', { name: 'Copy the link to App Web' }).waitFor();

      const other = await portal.givenSignedIn('linus', { path: '/workspaces?owner=shared' });
      const [app] = await Promise.all([
        other.context().waitForEvent('page'),
        other.getByRole('link', { name: 'Web', exact: true }).click(),
      ]);
      await app.getByRole('heading', { name: 'Hello, ada' }).waitFor();

      await page.getByRole('button', { name: 'Revoke App Web, shared with linus' }).click();
      await page.getByText('Only you can use this workspace').waitFor();
      await expect.poll(async () => (await app.reload())?.status(), { timeout: 10_000 }).not.toBe(200);
      await other.reload();
      await other.getByText('Nothing is shared with you yet').waitFor();
    });

    it('is visible to a person without own workspaces', async () => {
      const [ada, linus] = [portal.berth.as('ada'), portal.berth.as('linus')];
      await ada.me();
      const { id } = await linus.createWorkspace({ body: { name: 'team', template: 'quickstart', parameters: {} } });
      await linus.createShare({
        params: { workspace: id },
        body: { what: { kind: 'workspace' }, with: { kind: 'person', person: 'ada' } },
      });
      await untilStatus(linus, id, 'running');
      const page = await portal.givenSignedIn('ada');
      await page.getByText('You have no workspaces').waitFor();
      expect(await page.getByText('Create your first workspace').count()).toBe(0);
      await page.getByText('Shared with me (1)').click();
      await page.getByRole('link', { name: 'linus/team', exact: true }).waitFor();
      await page.getByText('Shared with you').waitFor();
      await page.getByRole('link', { name: 'linus/team', exact: true }).click();
      await page.getByRole('heading', { name: 'linus/team' }).waitFor();
      await page.getByText('Shared with you').waitFor();
      await page.getByText('berth ssh linus/team').waitFor();
    });

    it('closes an open terminal when the share is revoked, with the reason', async () => {
      const [ada, linus] = [portal.berth.as('ada'), portal.berth.as('linus')];
      const { id } = await linus.createWorkspace({ body: { name: 'pair', template: 'kiosk', parameters: {} } });
      await untilStatus(linus, id, 'running');
      await linus.deleteWorkspace({ params: { workspace: id } });
      const duo = await linus.createWorkspace({ body: { name: 'duo', template: 'quickstart', parameters: {} } });
      await untilStatus(linus, duo.id, 'running');
      const share = await linus.createShare({
        params: { workspace: duo.id },
        body: { what: { kind: 'workspace' }, with: { kind: 'person', person: (await ada.me()).name } },
      });
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${duo.id}` });
      await page.getByText('berth ssh linus/duo').waitFor();
      expect(await page.getByRole('link', { name: /^(Settings|Sharing)$/ }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Terminal', exact: true }).click();
      await page.getByText('Connected').waitFor();
      await linus.revokeShare({ params: { workspace: duo.id, share: share.id } });
      await page
        .getByRole('alert')
        .getByText(/There is no workspace/)
        .waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    });

    it('offers no more than the template allows, and explains browser-only', async () => {
      const ada = portal.berth.as('ada');
      const { id } = await ada.createWorkspace({ body: { name: 'kiosk', template: 'kiosk', parameters: {} } });
      await untilStatus(ada, id, 'running');
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/sharing` });
      await page.getByText('You cannot share this.').waitFor();
      expect(await page.getByRole('button', { name: 'Share', exact: true }).isDisabled()).toBe(true);
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByText('kiosk is browser-only').waitFor();
      expect(await page.getByText('berth ssh').count()).toBe(0);
      expect(await page.getByLabel('Port', { exact: true }).count()).toBe(0);
    });
  });
};
