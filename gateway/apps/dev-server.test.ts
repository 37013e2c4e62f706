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
/** Vite as a new project has it: it knows neither Berth nor the host that it is reached at. */
const project = `
mkdir -p site && cd site
cat > index.html <<'EOF'
<!doctype html><p id="said"></p><script type="module" src="/main.js"></script>
EOF
cat > main.js <<'EOF'
import { said } from './said.js'
const show = (text) => { document.getElementById('said').textContent = text }
show(said)
globalThis.loads = (globalThis.loads ?? 0) + 1
import.meta.hot.accept('./said.js', (next) => show(next.said))
EOF
echo "export const said = 'first'" > said.js
`;

/** A page of a workspace's app in Chromium, at a domain that is not below localhost, which Vite knows by itself. */
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

describe.runIf(available)('a Vite dev server that nobody configured', () => {
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
    const said = () => page.locator('#said').textContent({ timeout: 5_000 });
    const connected = page.waitForEvent('console', {
      predicate: (message) => message.text().includes('[vite] connected'),
      timeout: 30_000,
    });
    // The page of the gateway loads itself again until Vite listens.
    await page.goto(url);
    await expect.poll(said, { timeout: 30_000 }).toBe('first');
    await connected;
    writeFileSync(join(workspace.home, 'site', 'said.js'), "export const said = 'second'\n");
    await expect.poll(said, { timeout: 15_000 }).toBe('second');
    expect(await page.evaluate('globalThis.loads')).toBe(1);
  });
});
