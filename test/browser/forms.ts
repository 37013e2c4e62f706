import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible, laptop, phone, picture } from './browser.ts';
import type { TestPortal } from './portal.ts';

const many = Array.from({ length: 12 }, (_, at) => `  - { name: field_${at}, displayName: Field ${at}, type: string }`);

const templates = {
  long: `name: long\ncompute: { kind: process }\nparameters:\n${many.join('\n')}\n`,
  sized: `
name: sized
displayName: Sized
compute: { kind: process }
parameters:
  - name: size
    displayName: Size
    description: How large its machine is.
    type: string
    default: small
    mutable: false
    options: [{ value: small, description: One core. }, { value: large, description: Eight cores. }]
  - { name: disk, displayName: Disk, type: number, integer: true, min: 1, max: 9, default: 5 }
prices:
  runningPerHour: \${{ fromJSON('{"small":0.1,"large":0.8}')[parameters.size] }}
  stoppedPerHour: 0.01
`,
  cloned: `
name: cloned
displayName: Cloned
compute: { kind: process }
parameters: [{ name: repo, displayName: Repository, type: string }]
prices: { runningPerHour: 0.25 }
`,
};

const publish = async (portal: TestPortal, name: keyof typeof templates): Promise<void> => {
  await portal.berth.as('grace').publishTemplate({ params: { template: name }, body: { file: templates[name] } });
};

/** Pixels between the sticky header and the label of a field. */
const belowHeader = (page: Page, label: string): Promise<number> =>
  page.evaluate((label) => {
    const top = [...document.querySelectorAll('label')].find(({ textContent }) => textContent?.startsWith(label));
    const header = document.querySelector('header');
    return (top?.getBoundingClientRect().top ?? 0) - (header?.getBoundingClientRect().bottom ?? 0);
  }, label);

/** The form that creates a workspace. */
export const forms = (portal: TestPortal): void => {
  describe('the form of a new workspace', () => {
    it.each([laptop, phone])('scrolls to the invalid field, below the header: $name', async (size) => {
      await publish(portal, 'long');
      const page = await portal.givenSignedIn('ada', { size, path: '/new/long' });
      await page.getByLabel('Field 3', { exact: false }).waitFor();
      for (let at = 0; at < 12; at += 1)
        if (at !== 3) await page.getByLabel(`Field ${at} *`, { exact: true }).fill('x');
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.getByRole('button', { name: 'Create workspace' }).click();
      const wrong = page.getByLabel('Field 3 *', { exact: true });
      await expect.poll(() => wrong.evaluate((field) => field === document.activeElement)).toBe(true);
      await expect.poll(() => belowHeader(page, 'Field 3')).toBeGreaterThanOrEqual(0);
    });

    it('shows the description of a parameter and of its option, and what cannot change later', async () => {
      await publish(portal, 'sized');
      const page = await portal.givenSignedIn('ada', { path: '/new/sized' });
      for (const words of ['How large its machine is.', 'One core.', 'Cannot be changed later.'])
        await page.getByText(words, { exact: true }).waitFor();
      await page.getByText('large', { exact: true }).click();
      await page.getByText('Eight cores.', { exact: true }).waitFor();
      await page.getByText('How large its machine is.', { exact: true }).waitFor();
      expect(await page.getByText('Cannot be changed later.').count()).toBe(1);
    });

    it('shows the price before and after creation, and updates it with the form', async () => {
      await publish(portal, 'sized');
      await publish(portal, 'cloned');
      const page = await portal.givenSignedIn('ada', { path: '/templates' });
      await page.getByText('0.1 per hour while running, 0.01 while stopped').waitFor();
      await page.getByRole('link', { name: 'Choose Sized' }).click();
      await page.getByText('Price: 0.1 per hour while running, 0.01 while stopped.').waitFor();
      await page.getByText('large', { exact: true }).click();
      await page.getByText('Price: 0.8 per hour while running').waitFor();
      await page.getByRole('button', { name: 'Create workspace' }).click();
      await page.getByText('0.8 per hour while running, 0.01 while stopped').waitFor();

      await page.goto(`${portal.url}/templates/cloned`);
      await page.getByText('Price: 0.25 per hour while running, nothing while stopped.').waitFor();
      await page.getByText('This is an estimate, because you choose Repository when you create a workspace.').waitFor();
      expect(await page.getByText(/is required|It depends/).count()).toBe(0);
    });

    it('is filled in by a link, across the sign-in, and submitted only by the person', async () => {
      await publish(portal, 'sized');
      const page = await portal.givenPage();
      await page.goto(`${portal.url}/new/sized?name=mine&size=large&disk=77&wine=red`);
      await page.locator('button[value="ada"]').click();
      await page.getByText('The link has unknown parameters').waitFor();
      await page.getByText('“wine”').waitFor();
      expect(await page.getByLabel('Name').inputValue()).toBe('mine');
      expect(await page.getByRole('radio', { name: 'large' }).isChecked()).toBe(true);
      await page.getByText('Disk must be at most 9.').waitFor();
      await expectAccessible(page);
      await picture(page, 'create-by-link');
      await page.getByRole('button', { name: 'Create workspace' }).click();
      await page.getByText('Disk must be at most 9.').waitFor();
      const ada = portal.berth.as('ada');
      expect((await ada.listWorkspaces({})).items).toEqual([]);

      await page.goto(`${portal.url}/new/quickstart?greeting=Hey`);
      await page.getByText('A link filled in this form.').waitFor();
      expect(await page.getByLabel('Greeting').inputValue()).toBe('Hey');
      await page.getByRole('button', { name: 'Create workspace' }).click();
      await page.getByRole('heading', { name: 'quickstart', exact: true }).waitFor();
      expect((await ada.listWorkspaces({})).items.map(({ parameters }) => parameters['greeting'])).toEqual(['Hey']);
    });
  });
};
