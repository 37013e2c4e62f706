import { describe, expect, it } from 'vitest';
import { warningsOf } from './browser.ts';
import type { TestPortal } from './portal.ts';

/** Limits on what a page can do, whatever its content. */
export const safety = (portal: TestPortal): void => {
  describe('the content security policy', () => {
    it('runs only Berth’s own scripts', async () => {
      const page = await portal.givenSignedIn('ada');
      await page.getByRole('heading', { name: 'Workspaces', exact: true }).waitFor();
      const { headers } = await fetch(`${portal.url}/workspaces`).then(({ headers }) => ({ headers }));
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");

      const warnings = warningsOf(page);
      const ran = await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.ran = "inline"';
        document.body.append(script);
        const button = document.createElement('button');
        button.setAttribute('onclick', 'globalThis.ran = "handler"');
        document.body.append(button);
        button.click();
        const far = document.createElement('script');
        far.src = 'data:text/javascript,globalThis.ran = "data"';
        document.body.append(far);
        return new Promise((done) => {
          far.onerror = () => done((globalThis as { ran?: string }).ran);
          far.onload = () => done('loaded');
        });
      });
      expect(ran).toBeUndefined();
      await expect.poll(() => warnings.filter((text) => text.includes('Content Security Policy')).length).toBe(3);
      expect(await page.evaluate(() => fetch('https://example.com/').then(String, () => 'refused'))).toBe('refused');
    });
  });
};
