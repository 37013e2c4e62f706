import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible, warningsOf } from './browser.ts';
import type { TestPortal } from './portal.ts';

const editor = (page: Page) => page.getByRole('textbox', { name: 'template.yaml' });

/** Replaces the text in the editor. */
const write = async (page: Page, text: string): Promise<void> => {
  await editor(page).click();
  await page.keyboard.press('Control+A');
  // The editor would indent typed text and close brackets.
  await page.keyboard.insertText(text);
};

const harbour = (startup: string) => `name: harbour
description: From the portal
compute: { kind: process }
agent:
  startup: ${startup}
`;

export const publishing = (portal: TestPortal): void => {
  describe('templates', () => {
    it('are written, checked, published, edited again, promoted and deprecated', async () => {
      const page = await portal.givenSignedIn('grace', { path: '/publish' });
      const warnings = warningsOf(page);
      await page.getByText('Ready to publish.').waitFor();
      await write(page, 'name: harbour\ndescription: x\ncompute: { kind: nothing-like-it }\n');
      await page.getByText('1 error').waitFor();
      const problem = page.getByRole('button', { name: /^3:18/ });
      await problem.click();
      await expect.poll(() => editor(page).evaluate((box) => box === document.activeElement)).toBe(true);
      expect(await page.getByRole('button', { name: 'Publish harbour' }).isDisabled()).toBe(true);

      await write(page, harbour('echo one # kept'));
      await page
        .getByLabel('README.md')
        .fill(
          '# Harbour\n\n<img src=x onerror="alert(1)">\n\n[go](javascript:alert(2)) [web](https://example.com/)\n\n```\none\n```\n\n```\ntwo\n```\n',
        );
      await page.getByText('Ready to publish.').waitFor();
      await page.getByRole('button', { name: 'Publish harbour' }).click();
      await page.waitForURL('**/templates/harbour');
      await page.getByRole('heading', { name: 'Harbour', exact: true }).waitFor();
      expect(await page.locator('main img, main [onerror]').count()).toBe(0);
      expect(await page.getByText('go', { exact: true }).getAttribute('href')).toBe('');
      expect(await page.getByRole('link', { name: 'web' }).getAttribute('rel')).toContain('noopener');
      await page.getByRole('group', { name: 'Code' }).last().focus();
      await expectAccessible(page);

      await page.getByRole('link', { name: 'New version' }).click();
      await editor(page).getByText('# kept').waitFor();
      await write(page, harbour('echo two'));
      await page.getByRole('switch', { name: 'Make this the active version' }).press('Space');
      await page.getByText('Ready to publish.').waitFor();
      await page.getByRole('button', { name: 'Publish harbour' }).click();
      await page.getByRole('button', { name: 'Promote to version 2' }).click();
      await page.getByRole('button', { name: 'Roll back to version 1' }).waitFor();
      expect((await portal.berth.as('grace').getTemplate({ params: { template: 'harbour' } })).activeVersion).toBe(2);

      await page.getByRole('button', { name: 'Deprecate…' }).click();
      await page.getByLabel('Message').fill('Use quickstart.');
      await page.getByRole('button', { name: 'Deprecate', exact: true }).click();
      await page
        .getByText('You cannot create workspaces from it. Existing workspaces keep running. Use quickstart.')
        .waitFor();
      expect(await page.getByRole('link', { name: 'New workspace' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Undo deprecation' }).click();
      await page.getByRole('link', { name: 'New workspace' }).waitFor();
      expect(warnings).toEqual([]);
    }, 45_000);

    it('are published only by template admins and admins', async () => {
      const page = await portal.givenSignedIn('ada', { path: '/templates?q=quickstart' });
      await page.getByRole('heading', { name: 'Quickstart' }).waitFor();
      await expect.poll(() => page.locator('main ul > li').count()).toBe(1);
      expect(await page.getByRole('link', { name: 'Publish a template' }).count()).toBe(0);
      await page.goto(`${portal.url}/publish`);
      await page.getByText('Only admins and template admins can publish templates.').waitFor();
    });
  });
};
