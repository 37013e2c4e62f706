import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../test/browser/browser.ts';
import { optional } from '../../test/requirements.ts';
import { freePort } from '../../test/support/free-port.ts';
import { atEnd, cleanUp, givenAppSession, givenBerth, givenWorkspace, logOf, untilReady } from '../testing/harness.ts';

afterEach(cleanUp);

const available = optional(
  'a dev server in a browser',
  chromiumPath !== undefined,
  'Install Chromium (apt-get install chromium), or name one in BERTH_CHROMIUM.',
);

const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
/** Vite with its defaults: it knows neither Berth nor the host at which it is reached. */
const project = `
mkdir -p site && cd site
cat > index.html <<'EOF'
<!doctype html><p id="text"></p><script type="module" src="/main.js"></script>
EOF
cat > main.js <<'EOF'
import { text } from './text.js'
const show = (shown) => { document.getElementById('text').textContent = shown }
show(text)
globalThis.loads = (globalThis.loads ?? 0) + 1
import.meta.hot.accept('./text.js', (next) => show(next.text))
EOF
echo "export const text = 'first'" > text.js
`;

/** A page of a workspace's app in Chromium, at a domain that is not below localhost, which Vite always allows. */
const givenPage = async (label: string, domain: string, cookie: string) => {
  const browser = await launch(['--host-resolver-rules=MAP *.apps.example 127.0.0.1']);
  atEnd(() => browser.close());
  const context = await browser.newContext();
  const [name = '', value = ''] = cookie.split('=');
  const url = `http://${label}.${domain}/`;
  await context.addCookies([{ name, value, url }]);
  const page = await context.newPage();
  return { page, url };
};

describe.runIf(available)('a Vite dev server with its default configuration', () => {
  it.each(['app', 'port'])('is served as %s, and updates modules in place', async (kind) => {
    const gatewayPort = await freePort();
    const domain = `apps.example:${gatewayPort}`;
    const berth = await givenBerth({ appDomain: domain }, gatewayPort);
    const port = await freePort();
    const listen = kind === 'app' ? '"$BERTH_APP_WEB_PORT"' : String(port);
    const workspace = await givenWorkspace(berth, {
      startup: `${project}
echo "$BERTH_APP_WEB_URL $BERTH_PORT_URL $BERTH_APP_DOMAIN"
"$BERTH_NODE" ${vite} --host 127.0.0.1 --strictPort --port ${listen} > ../vite.log 2>&1 &`,
      apps: [{ name: 'web' }],
    });
    await untilReady(berth);
    expect(logOf(berth, 'startup').trim()).toBe(
      `http://web--demo1--ada.${domain}/ http://{port}--demo1--ada.${domain}/ ${domain}`,
    );
    const label = `${kind === 'app' ? 'web' : port}--demo1--ada`;
    const { page, url } = await givenPage(label, domain, givenAppSession(berth, label));
    const shown = () => page.locator('#text').textContent({ timeout: 5_000 });
    const connected = page.waitForEvent('console', {
      predicate: (message) => message.text().includes('[vite] connected'),
      timeout: 30_000,
    });
    // The gateway's page reloads until Vite listens.
    await page.goto(url);
    await expect.poll(shown, { timeout: 30_000 }).toBe('first');
    await connected;
    writeFileSync(join(workspace.home, 'site', 'text.js'), "export const text = 'second'\n");
    await expect.poll(shown, { timeout: 60_000 }).toBe('second');
    expect(await page.evaluate('globalThis.loads')).toBe(1);
  });
});
