import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { untilHealthy } from '../support/clients/app-hosts.ts';
import { expectAccessible } from './browser.ts';
import { choosePerson, type TestPortal } from './portal.ts';

/** Another site with a page that submits a form by itself, as identity providers do. */
const givenOtherSite = async (action: string, fields: Record<string, string>): Promise<string> => {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  const page = `<form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

/** Requests to an app that come from outside of the portal. */
export const arriving = (portal: TestPortal): void => {
  describe('a browser that arrives at an app', () => {
    const givenApp = async () => {
      await portal.berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'arriving' } });
      await untilHealthy(portal.berth, 'ada', 'demo');
      return `http://web--demo--ada.${new URL(portal.url).host}`;
    };

    it('returns to the exact URL after the sign-in', async () => {
      const app = await givenApp();
      const page = await portal.givenPage();
      const path = `//double/x?q=a\\b&next=//evil.example&long=${'x'.repeat(5_000)}`;
      await page.goto(`${app}${path}#/deep?x=\\1&y=//z`);
      await choosePerson(page, 'ada');
      await page.waitForURL(`${app}/**`);
      await expect.poll(async () => (await page.locator('body').innerText()).trim() === `GET ${path}`).toBe(true);
      expect(await page.evaluate('location.hash')).toBe('#/deep?x=\\1&y=//z');
      expect(await page.evaluate('location.origin')).toBe(app);
    });

    it('submits the form of an identity provider with one click, with the cookies of Berth and the app', async () => {
      const app = await givenApp();
      const page = await portal.givenSignedIn('ada', { path: '/workspaces' });
      await page.goto(`${app}/`);
      await expect.poll(() => page.locator('body').innerText()).toContain('GET /');
      const provider = await givenOtherSite(`${app}/acs`, { SAMLResponse: 'PHNhbWw+', RelayState: 'here' });
      await page.goto(provider);
      await page.getByRole('heading', { name: 'Continue to web?' }).waitFor();
      await expectAccessible(page);
      expect(await page.locator('body').innerText()).toContain(new URL(provider).host);
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect
        .poll(() => page.locator('body').innerText())
        .toBe('POST /acs own=1 SAMLResponse=PHNhbWw%2B&RelayState=here');
    });
  });
};
