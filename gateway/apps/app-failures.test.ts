import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/support/doubles/certificate.ts';
import { freePort } from '../../test/support/free-port.ts';
import {
  atEnd,
  type Berth,
  cleanUp,
  givenAppSession,
  givenBerth,
  givenWorkspace,
  healthOf,
  open,
  requestApp,
  stepOf,
  untilReady,
} from '../testing/harness.ts';
import { AppHttpAgent } from './connection-pools.ts';
import { diagnoseFailure } from './failures.ts';
import { forwardRequest } from './forward.ts';

afterEach(cleanUp);

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const cert = selfSigned('dev.example', keys);

/** Servers, most of which misbehave. */
const servers = {
  plain: "http.createServer((q, r) => r.end('plain'))",
  big: "http.createServer((q, r) => { r.setHeader('x-big', 'b'.repeat(60_000)); r.end('big') })",
  huge: "http.createServer((q, r) => { r.setHeader('x-huge', 'b'.repeat(70_000)); r.end('huge') })",
  tls: "https.createServer(pair, (q, r) => r.end('by https')).on('upgrade', greet)",
  h2: "http2.createServer((q, r) => r.end('h2'))",
  h2tls: "http2.createSecureServer(pair, (q, r) => r.end('h2'))",
  hangup: "net.createServer((s) => { s.on('error', () => {}); s.once('data', () => s.end()) })",
  reset: "net.createServer((s) => { s.on('error', () => {}); s.once('data', () => s.resetAndDestroy()) })",
  garbage: "net.createServer((s) => { s.on('error', () => {}); s.end('220 mail.example ESMTP\\r\\n') })",
  mute: "net.createServer((s) => s.on('error', () => {}))",
};
type Server = keyof typeof servers;

const startup = (server: Server, port = 'process.env.BERTH_APP_WEB_PORT') => `cat > app.cjs <<'EOF'
const [http, https, http2, net, crypto] = ['http', 'https', 'http2', 'net', 'crypto'].map(require)
const pair = ${JSON.stringify({ key, cert })}
const greet = (q, s) => {
  const accept = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  s.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  s.write(Buffer.from([0x81, 2, 104, 105])); s.on('error', () => {})
}
${servers[server]}.listen(${port}, '127.0.0.1')
EOF
$BERTH_NODE app.cjs > /dev/null 2>&1 &`;

const html = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

const givenApp = async (server: Server, app: object = {}) => {
  const berth = await givenBerth();
  const declared = { name: 'web', health: { every: '1s', failures: 2 }, ...app };
  await givenWorkspace(berth, { startup: startup(server), apps: [declared] });
  await untilReady(berth);
  const cookie = givenAppSession(berth, 'web--demo1--ada');
  const at = (headers: Record<string, string> = {}) =>
    requestApp(berth, 'web--demo1--ada', '/', { headers: { cookie, ...headers } });
  return { berth, cookie, page: () => at(html), call: () => at() };
};

const untilHealth = (berth: Berth, health: string) => expect.poll(() => healthOf(berth)).toContain(`web ${health}`);

const problemIn = (berth: Berth) =>
  berth.rules.events.findLast((event) => event.type === 'app' && event.health === 'unhealthy');

describe('a failure of an app is explained on a page, in a problem and with its health', () => {
  it.each([
    ['huge', {}, 'web sent headers that are too large', 'larger than 64 KB'],
    ['tls', {}, 'web speaks HTTPS only', '"protocol: https"'],
    ['plain', { protocol: 'https' }, 'web does not speak HTTPS', 'Remove that line'],
    ['h2', {}, 'web speaks HTTP/2 only', 'Enable HTTP/1.1'],
    ['hangup', {}, 'web closed the connection', 'Check its log'],
    ['reset', {}, 'web closed the connection', 'Check its log'],
    ['garbage', {}, 'web sent an invalid response', 'is a web server'],
  ] as const)('%s %j', async (server, app, title, remedy) => {
    const { berth, page, call } = await givenApp(server, app);
    await untilHealth(berth, 'unhealthy');
    expect(problemIn(berth)).toMatchObject({ problem: expect.stringContaining(`${title}. `) });
    expect(stepOf(berth, 'app-web')).toMatchObject({ status: 'failed', message: expect.stringContaining(title) });
    const shown = await page();
    expect(shown).toMatchObject({ status: 502, body: expect.stringContaining(`<h1>${title}</h1>`) });
    expect(shown.body.replaceAll('&quot;', '"')).toContain(remedy);
    const problem = await call();
    expect(problem.status).toBe(502);
    expect(JSON.parse(problem.body)).toMatchObject({
      type: 'https://berth.dev/errors/app_failed',
      detail: expect.stringContaining(remedy),
    });
  });

  it('an app that never responds is unhealthy', async () => {
    const { berth } = await givenApp('mute');
    await untilHealth(berth, 'unhealthy');
    expect(problemIn(berth)).toMatchObject({ problem: expect.stringContaining('web does not respond. ') });
  });

  it('an HTTP/2 server over TLS sends its own explanation, which is forwarded', async () => {
    const { berth, page } = await givenApp('h2tls', { protocol: 'https', health: { every: '1s', status: 403 } });
    await untilHealth(berth, 'healthy');
    expect((await page()).body).toContain('ALPN');
  });
});

it('a response with headers up to the limit is forwarded', async () => {
  const { berth, call } = await givenApp('big');
  await untilHealth(berth, 'healthy');
  expect(await call()).toMatchObject({ status: 200, body: 'big', headers: { 'x-big': 'b'.repeat(60_000) } });
});

describe('an app that speaks https', () => {
  it('is served with its own certificate, WebSockets included', async () => {
    const { berth, cookie, call } = await givenApp('tls', { protocol: 'https' });
    await untilHealth(berth, 'healthy');
    await expect.poll(call).toMatchObject({ status: 200, body: 'by https' });
    const opened = await open(berth, `web--demo1--ada.${berth.domain}`, '/', { cookie });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    const { messages } = opened;
    await expect.poll(() => messages).toEqual(['hi']);
  });

  it('on a port that the template does not declare opens at the second attempt', async () => {
    const port = await freePort();
    const berth = await givenBerth();
    await givenWorkspace(berth, { startup: startup('tls', String(port)) });
    await untilReady(berth);
    const label = `${port}--demo1--ada`;
    const headers = { cookie: givenAppSession(berth, label), ...html };
    const page = () => requestApp(berth, label, '/', { headers });
    await expect.poll(async () => (await page()).body).toContain('speaks HTTPS only');
    expect(await page()).toMatchObject({ status: 200, body: 'by https' });
  });
});

describe('an outage of the table', () => {
  const label = 'web--demo1--ada';

  it('is reported as an internal error and logged, not as a failure of the app', async () => {
    const berth = await givenBerth();
    berth.rules.openApp = () => Promise.reject(Object.assign(new Error('the table is down'), { code: 'ECONNRESET' }));
    const cookie = givenAppSession(berth, label);
    const responses = [
      await requestApp(berth, label, '/', { headers: { cookie } }),
      await requestApp(berth, label, '/', { headers: { cookie, ...html } }),
      await open(berth, `${label}.${berth.domain}`, '/', { cookie }),
    ];
    for (const response of responses) {
      expect(response).toMatchObject({ status: 500, body: expect.stringContaining('An internal error occurred.') });
      expect(response).not.toMatchObject({ body: expect.stringMatching(/The app closed|the table is down/) });
    }
    const logged = berth.log.filter((line) => line.includes('app request failed'));
    expect(logged).toEqual(Array(3).fill(expect.stringMatching(/^error .*"app":"web--demo1--ada".*the table is down/)));
  });

  it('that prevents the gateway from finding the agent is no failure of the app either', async () => {
    const outage = Object.assign(new Error('the table is down'), { code: 'ECONNRESET' });
    const link = { connect: () => Promise.reject(outage) };
    const server = createServer((request, response) => {
      const sent = forwardRequest(request, response, {}, new AppHttpAgent(link, 'app.web'));
      sent.catch(async (thrown) => response.end(String((await diagnoseFailure(link, 'app.web', thrown)) ?? thrown)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => server.close());
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await response.text()).toBe('Error: the table is down');
  });
});

it('an app that closes the connection instead of accepting a WebSocket is no fault of Berth', async () => {
  const { berth, cookie } = await givenApp('hangup');
  // The app's end of the connection closes the client's, before or after the response.
  await Promise.allSettled([open(berth, `web--demo1--ada.${berth.domain}`, '/', { cookie })]);
  expect(berth.log.join('\n')).not.toContain('app request failed');
});

describe('the health of an app', () => {
  it.each([
    [204, {}, 'healthy'],
    [302, {}, 'healthy'],
    [401, {}, 'healthy'],
    [404, {}, 'unhealthy'],
    [503, {}, 'unhealthy'],
    [404, { status: [200, '400-404'] }, 'healthy'],
    [200, { status: 204 }, 'unhealthy'],
  ] as const)('with the status %i and the settings %j is %s', async (status, health, expected) => {
    const berth = await givenBerth();
    const app = `http.createServer((q, r) => { r.statusCode = ${status}; r.end() }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1')`;
    await givenWorkspace(berth, {
      startup: `"$BERTH_NODE" -e "${app}" > /dev/null 2>&1 &`,
      apps: [{ name: 'web', health: { every: '1s', failures: 2, ...health } }],
    });
    await untilHealth(berth, expected);
    if (expected === 'unhealthy') {
      expect(problemIn(berth)).toMatchObject({ problem: expect.stringContaining(`with status ${status}`) });
    }
  });
});
