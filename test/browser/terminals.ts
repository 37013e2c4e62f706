import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import { expectAccessible, laptop } from './browser.ts';
import { choosePerson, type TestPortal } from './portal.ts';

/** The rows of the visible terminal. */
const rows = (page: Page) => page.locator('.xterm-rows:visible');
const shows = (page: Page, text: string) => rows(page).getByText(text, { exact: true }).first().waitFor();

const givenTerminal = async (portal: TestPortal, before?: (page: Page) => Promise<void>): Promise<Page> => {
  const ada = portal.berth.as('ada');
  const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
  await untilStatus(ada, id, 'running');
  const page = await portal.givenPage(laptop);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await before?.(page);
  await page.goto(`${portal.url}/workspaces/demo/terminal`);
  await choosePerson(page, 'ada');
  await page.getByText('Connected').waitFor();
  return page;
};

const paste = async (page: Page, text: string): Promise<void> => {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press('Control+V');
};

export const terminals = (portal: TestPortal): void => {
  describe('the terminal', () => {
    it('has tabs with separate shells, which survive a reload', async () => {
      const page = await givenTerminal(portal);
      await page.keyboard.type('marker=first; echo is-$marker\n');
      await shows(page, 'is-first');
      await page.getByRole('button', { name: 'New terminal' }).click();
      // The URL must keep the name of the workspace, or every terminal would reconnect.
      await page.waitForURL('**/workspaces/demo/terminal?name=shell-2');
      await page.getByText('Connected').waitFor();
      await page.keyboard.type('marker=second; echo is-$marker\n');
      await shows(page, 'is-second');
      await page.getByRole('link', { name: 'main' }).click();
      await page.keyboard.type('echo again-$marker\n');
      await shows(page, 'again-first');

      await page.reload();
      await page.getByText('Connected').waitFor();
      await shows(page, 'again-first');
      await page.getByRole('link', { name: 'shell-2' }).click();
      await shows(page, 'is-second');

      await page.getByRole('button', { name: 'Close terminal shell-2' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Close terminal' }).click();
      await expect.poll(() => page.getByRole('link', { name: 'shell-2' }).count()).toBe(0);
      await shows(page, 'again-first');
      await page.goto(`${page.url().split('?')[0]}?name=shell-2`);
      await page.getByText('Connected').waitFor();
      await page.keyboard.type('echo "[$marker]"\n');
      await shows(page, '[]');
    });

    it('pastes one line at once and several after confirmation, without control characters', async () => {
      const page = await givenTerminal(portal);
      await paste(page, 'echo $((40 + 2))');
      await page.keyboard.press('Enter');
      await shows(page, '42');

      await paste(page, 'echo one\necho two\n');
      await page.getByRole('dialog', { name: 'Paste 2 lines?' }).getByRole('button', { name: 'Cancel' }).click();
      await page.keyboard.type('cat > pasted\n');
      // Ends a bracketed paste, so that a shell would run what follows.
      await paste(page, 'a\u001b[201~b\u0003\nc\n');
      await page.getByRole('region', { name: 'Text to paste' }).focus();
      await expectAccessible(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Paste', exact: true }).click();
      await page.keyboard.press('Control+D');
      await page.keyboard.type('od -An -c pasted | tr -d " "\n');
      await shows(page, 'a[201~b\\nc\\n');
    });

    it('copies, finds, and changes its size', async () => {
      const page = await givenTerminal(portal);
      await page.keyboard.type('clear; echo needle-$((1 + 1))\n');
      await shows(page, 'needle-2');
      const menu = page.getByRole('button', { name: 'Terminal menu' });
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      const find = page.getByRole('menuitem', { name: 'Find' });
      await menu.click();
      // The menu receives keys once it has the focus.
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[role=menu]') != null)).toBe(true);
      await page.keyboard.press('Escape');
      await expect.poll(focused).toBe('Terminal input');
      await menu.click();
      await find.click();
      await expect.poll(focused).toBe('Find in terminal');
      await page.keyboard.press('Escape');
      await menu.click();
      await page.getByRole('menuitem', { name: 'Copy' }).click();
      await page.getByText('Copied.').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('needle-2');

      await page.keyboard.press('Control+Shift+F');
      await page.getByLabel('Find in terminal').fill('nowhere to be found');
      await page.getByText('Not found').waitFor();
      await page.keyboard.press('Escape');

      const columns = async () => {
        await page.keyboard.type('clear; echo "<$(tput cols)>"\n');
        const shown = rows(page).getByText(/^<\d+>$/);
        await shown.waitFor();
        return Number((await shown.innerText()).slice(1, -1));
      };
      const before = await columns();
      await menu.click();
      for (let step = 0; step < 4; step += 1) await page.getByRole('menuitem', { name: 'Larger text' }).click();
      await page.keyboard.press('Escape');
      await expect.poll(focused).toBe('Terminal input');
      await expect.poll(columns).toBeLessThan(before);
      await page.keyboard.press('Shift+F6');
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('main');
    });

    it('keeps working while Berth is not responding, above the banner', async () => {
      const page = await givenTerminal(portal);
      await page.route('**/api/**', (route) => route.abort());
      await page.getByRole('button', { name: 'New terminal' }).click();
      const banner = page.getByText('Berth is not responding. Retrying…');
      await banner.waitFor();
      await page.getByRole('link', { name: 'main' }).click();
      await page.keyboard.type('echo goes-$((1 + 1))\n');
      await shows(page, 'goes-2');
      const bottom =
        (await page
          .locator('.xterm:visible')
          .boundingBox()
          .then((box) => box && box.y + box.height)) ?? 0;
      expect(bottom).toBeGreaterThan(0);
      expect(bottom).toBeLessThanOrEqual((await banner.boundingBox())?.y ?? 0);
    });

    it('resumes after a lost connection, and when the network is back', async () => {
      let cut = () => {};
      const page = await givenTerminal(portal, (page) =>
        page.routeWebSocket(/\/gateway\//, (socket) => {
          const server = socket.connectToServer();
          cut = () => {
            void server.close();
            void socket.close();
          };
        }),
      );
      await page.keyboard.type('marker=still-here; clear; echo before\n');
      await shows(page, 'before');
      cut();
      await page.getByText('Connection lost').waitFor();
      await page.getByText('Connected').waitFor();
      await shows(page, 'before');

      await page.context().setOffline(true);
      await page.getByText('You are offline.').waitFor();
      await page.context().setOffline(false);
      await page.getByText('Connected').waitFor();
      await page.keyboard.type('echo $marker\n');
      await shows(page, 'still-here');
      await page.keyboard.type('exit 4\n');
      await page.getByText('The shell ended with exit code 4.').waitFor();
      await page.getByRole('button', { name: 'Start new shell' }).click();
      await page.getByText('Connected').waitFor();
    });
  });
};
