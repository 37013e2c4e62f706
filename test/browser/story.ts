import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import { givenExec } from '../support/clients/exec.ts';
import { freePort } from '../support/free-port.ts';
import { picture, warningsOf } from './browser.ts';
import { choosePerson, status, type TestPortal } from './portal.ts';

/** The life of a workspace, from sign-in to delete. */
export const story = (portal: TestPortal): void => {
  describe('a workspace', () => {
    it('is created, used, extended, stopped, started and deleted', async () => {
      const page = await portal.givenPage();
      const warnings = warningsOf(page);
      await page.goto(portal.url);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await choosePerson(page, 'ada');
      await page.getByRole('heading', { name: 'Create your first workspace' }).waitFor();
      await page.getByRole('link', { name: 'Choose Quickstart' }).click();
      await page.getByLabel('Name', { exact: false }).first().fill('demo');
      await page.getByLabel('Greeting').fill('Ahoy');
      await page.getByRole('button', { name: 'Create' }).click();

      const steps = page.getByRole('region', { name: 'Build 1' }).getByRole('listitem');
      await steps.filter({ hasText: 'Startup script' }).filter({ hasText: 'Done' }).waitFor();
      await status(page, 'Running').waitFor();
      await page.getByText(/^Stops (at|tomorrow)/).waitFor();
      await page.getByRole('button', { name: /Startup script/ }).click();
      await page.getByText('Your page is the app Web.').waitFor();

      const [app] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('link', { name: 'Web', exact: true }).click(),
      ]);
      await app.getByRole('heading', { name: 'Ahoy, ada' }).waitFor();
      expect(app.url()).toBe(`http://web--demo--ada.${new URL(portal.url).host}/`);
      await app.close();

      const port = await freePort();
      const serve = `require('node:http').createServer((_, response) => response.end('served')).listen(${port})`;
      const server = await givenExec(portal.berth, 'demo', [process.execPath, '-e', serve]);
      const [opened] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('link', { name: `Open port ${port}` }).click(),
      ]);
      await opened.getByText('served').waitFor();
      await opened.close();
      server.close();
      await page.getByRole('link', { name: `Open port ${port}` }).waitFor({ state: 'detached' });

      await page.getByRole('button', { name: 'Extend' }).click();
      await page.getByRole('menuitem', { name: /^4h/ }).click();
      await page.getByText('because it was extended').waitFor();
      await page
        .getByRole('alert')
        .getByText(/^The workspace stops /)
        .waitFor();
      await page.getByRole('button', { name: 'Restart' }).click();
      await page.getByRole('heading', { name: 'Start · build 3' }).waitFor();
      await status(page, 'Running').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await status(page, 'Stopped').waitFor();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await status(page, 'Running').waitFor();

      await page.getByRole('link', { name: 'Settings' }).click();
      const opener = page.getByRole('button', { name: 'Delete…' });
      await opener.click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => opener.evaluate((button) => button === document.activeElement)).toBe(true);
      await opener.click();
      await page.getByRole('button', { name: 'Delete demo' }).click();
      await page.getByText('demo was deleted.').waitFor();
      await page.getByRole('heading', { name: 'Create your first workspace' }).waitFor();
      expect(warnings).toEqual([]);
    }, 60_000);

    it('shows why a startup script failed, and restarts with other parameters', async () => {
      const created = await portal.berth
        .as('ada')
        .createWorkspace({ body: { name: 'broken', template: 'failing', parameters: {} } });
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${created.id}` });
      await page.getByRole('button', { name: 'Run startup script again' }).waitFor();
      await status(page, 'Unhealthy').waitFor();
      await page
        .getByRole('region', { name: 'Log of Startup script' })
        .getByText('about to fail <b>plain</b>')
        .waitFor();
      const box = page.getByRole('alert').filter({ hasText: 'The startup script failed' });
      await box.getByText(/ended with exit code 3/).waitFor();
      // The message appears once, and the failure box has the only buttons.
      expect(await page.getByText(/ended with exit code 3/).count()).toBe(1);
      expect(await page.getByRole('button', { name: /^(Start|Try again)$/ }).count()).toBe(0);
      const [log] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download the log of Startup script' }).click(),
      ]);
      expect(log.suggestedFilename()).toBe('build-1-startup.log');
      expect(readFileSync(await log.path(), 'utf8')).toBe('about to fail <b>plain</b>\n');
      await box.getByRole('link', { name: 'Change parameters' }).click();
      await page.getByRole('textbox', { name: 'Exit code' }).fill('100');
      await page.getByRole('button', { name: 'Apply and restart' }).click();
      await page.getByText('Exit code must be at most 99.').waitFor();
      await page.getByRole('textbox', { name: 'Exit code' }).fill('0');
      await page.getByRole('button', { name: 'Apply and restart' }).click();
      await status(page, 'Running').waitFor();

      await page.getByRole('link', { name: 'Builds' }).click();
      await page.getByRole('link', { name: /^1 Start/ }).click();
      await page.getByRole('heading', { name: 'Start · build 1' }).waitFor();
      expect(page.url()).toContain('build=1');
    });

    it('is updated while it runs, from its page', async () => {
      const [ada, grace] = [portal.berth.as('ada'), portal.berth.as('grace')];
      const publish = (greeting: string) =>
        grace.publishTemplate({
          params: { template: 'greeter' },
          body: { file: `name: greeter\ncompute: { kind: process }\nagent: { startup: echo ${greeting} }\n` },
        });
      await publish('first');
      const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'greeter' } });
      await untilStatus(ada, id, 'running');
      await publish('second');

      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}` });
      await page.getByText('Version 2 of greeter is available. This workspace uses version 1.').waitFor();
      await page.getByRole('link', { name: 'Workspaces' }).first().click();
      await page.getByRole('link', { name: 'Version 2 available' }).waitFor();
      await page.getByRole('link', { name: 'demo', exact: true }).click();
      await page.getByRole('link', { name: 'Update…' }).click();
      await page.getByText('Running processes end; its home is kept.').waitFor();
      await page.getByRole('button', { name: 'Apply and restart' }).click();
      await page.getByRole('heading', { name: 'Start · build 3' }).waitFor();
      await status(page, 'Running').waitFor();
      await page.getByText(', version 2').waitFor();
      const [timeline, connect] = await Promise.all(
        ['Build 3', 'Connect from your machine'].map((name) => page.getByRole('region', { name }).boundingBox()),
      );
      // The build that was watched stays first after it ends.
      expect(timeline?.y).toBeLessThan(connect?.y ?? 0);
    });

    it('gets an autostart schedule, and shows the next start', async () => {
      const { id } = await portal.berth.as('ada').createWorkspace({ body: { name: 'early', template: 'quickstart' } });
      const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/settings` });
      for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'])
        await page.getByRole('checkbox', { name: day }).press('Space');
      await page.getByRole('button', { name: 'Turn on' }).click();
      await page.getByText('Choose at least one day.').waitFor();
      await page.getByRole('checkbox', { name: 'Saturday' }).press('Space');
      await page.getByRole('checkbox', { name: 'Sunday' }).press('Space');
      await page.getByLabel('Time', { exact: false }).first().fill('06:05');
      await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
      await page.getByRole('button', { name: 'Turn on' }).click();
      await page.getByText('Sat, Sun at 06:05 (Asia/Tokyo)').waitFor();
      await page.getByText(/^Starts (at|tomorrow|on)/).waitFor();
      const { autostart } = await portal.berth.as('ada').getWorkspace({ params: { workspace: id } });
      expect(autostart).toMatchObject({ days: ['sat', 'sun'], at: '06:05', timeZone: 'Asia/Tokyo' });
      await page.getByRole('button', { name: 'Turn off' }).click();
      await page.getByText('Off. The workspace does not start on a schedule.').waitFor();
    });

    it('is created once by a double click, and an error of the server appears at its field', async () => {
      const page = await portal.givenSignedIn('ada', { path: '/new/asking' });
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByText('Region is required.').waitFor();
      await page.getByLabel('Region').selectOption('here');
      await page.getByRole('button', { name: 'Create' }).dblclick();
      await page.getByRole('heading', { name: 'asking', exact: true }).waitFor();
      const { items } = await portal.berth.as('ada').listWorkspaces({});
      expect(items.map(({ name, parameters }) => [name, parameters])).toEqual([
        ['asking', { region: 'here', disk: 5, tools: ['git'] }],
      ]);

      await page.goto(`${portal.url}/new/asking`);
      expect(await page.getByLabel('Name').inputValue()).toBe('asking-2');
      await page.getByLabel('Name').fill('asking');
      await page.getByLabel('Region').selectOption('there');
      await page.getByRole('button', { name: 'Create' }).click();
      const name = page.getByLabel('Name');
      await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
      await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
    });

    it('is not started by a link alone', async () => {
      const ada = portal.berth.as('ada');
      const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
      await untilStatus(ada, id, 'running');
      await ada.stopWorkspace({ params: { workspace: id } });
      await untilStatus(ada, id, 'stopped');

      const page = await portal.givenSignedIn('ada', { path: '/workspaces/demo?start=1' });
      await page.getByRole('region', { name: 'Start demo?' }).waitFor();
      await picture(page, 'start-prompt');
      expect((await ada.getWorkspace({ params: { workspace: id } })).build.number).toBe(2);

      await page.goto(`${portal.url}/open?app=web--demo--ada&path=/about`);
      await page.getByText('because the workspace is not running').waitFor();
      await picture(page, 'open-waiting');
      await page.getByRole('button', { name: 'Start demo' }).click();
      await page.waitForURL(`http://web--demo--ada.${new URL(portal.url).host}/about`);
      await page.getByText('"workspace":"demo"').waitFor();
    });
  });
};
