import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { givenSocket, givenTarget } from '../testing/abuse.ts';
import { cleanUp, givenAppSession, givenBerth, givenWorkspace, requestApp, untilReady } from '../testing/harness.ts';
import { appAt } from '../testing/replicas.ts';

const megabyte = 1024 * 1024;
/** More than garbage that is not collected yet, and far less than the apps here send. */
const maxGrowth = 96 * megabyte;

describe('a hostile app', () => {
  let target: Awaited<ReturnType<typeof givenTarget>>;
  beforeAll(async () => {
    target = await givenTarget();
  });
  afterAll(cleanUp);

  const responseOf = (path: string) =>
    requestApp(target.replica, 'web--demo--ada', path, { headers: { cookie: target.cookie } });
  const stillServes = () => expect(appAt(target.replica, target.cookie)).resolves.toBe('hello of demo');

  /** A request whose response is not read. */
  const givenOpen = (path: string) => {
    const headers = { host: target.host, cookie: target.cookie };
    const sent = request({ host: '127.0.0.1', port: target.port, path, headers, agent: false });
    sent.on('error', () => sent.destroy());
    sent.end();
    return sent;
  };

  it('whose headers never end is cut off at the limit', async () => {
    expect(await responseOf('/headers')).toMatchObject({
      status: 502,
      body: expect.stringContaining('larger than 64 KB'),
    });
    await stillServes();
  });

  it('that sends only interim responses is cut off at the limit', async () => {
    expect(await responseOf('/early')).toMatchObject({ status: 502 });
    await stillServes();
  });

  it('whose body never ends is read no faster than the browser reads', async () => {
    const before = process.memoryUsage().rss;
    const sent = givenOpen('/body');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.pause();
    for (let more = 0; more < 20; more += 1) await stillServes();
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    sent.destroy();
  });

  it('that never responds does not delay others', async () => {
    const waiting = Array.from({ length: 50 }, () => givenOpen('/never'));
    await stillServes();
    for (const sent of waiting) sent.destroy();
  });

  it('that sends a compression bomb costs nothing, because it is forwarded compressed', async () => {
    const before = process.memoryUsage().rss;
    const sent = givenOpen('/bomb');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const compressed = Buffer.concat(await response.toArray());
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(compressed.length).toBe(Number(response.headers['content-length']));
    expect(compressed.length).toBeLessThan(megabyte);
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    expect(gunzipSync(compressed)).toHaveLength(64 * megabyte);
  });

  it.each(['/cr', '/lf', '/nul'])('that splits a header (%s) leads to a 502', async (path) => {
    const response = await responseOf(path);
    expect(response).toMatchObject({ status: 502 });
    expect(response.headers).not.toHaveProperty('set-cookie');
    await stillServes();
  });

  it('that sends two lengths leads to a 502', async () => {
    expect(await responseOf('/lengths')).toMatchObject({ status: 502 });
    await stillServes();
  });

  it('that responds twice: its second response is dropped', async () => {
    expect(await responseOf('/two')).toMatchObject({ status: 200, body: 'ok' });
    for (let more = 0; more < 5; more += 1) await stillServes();
  });
});

describe('a connection to an app', () => {
  afterEach(cleanUp);

  /** An app that ignores bodies: it takes a body for the next request, and responds to it when it receives more. */
  const careless = `cat > web.cjs <<'EOF'
require('node:net').createServer((s) => {
  let owed = 0;
  const say = (text) => s.write('HTTP/1.1 200 OK\\r\\ncontent-length: ' + text.length + '\\r\\n\\r\\n' + text);
  s.on('error', () => {});
  s.on('data', (data) => {
    for (; owed > 0; owed -= 1) say('left by another');
    if (data.includes('GET /left')) owed += 1;
    say('fresh');
  });
}).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
EOF
$BERTH_NODE web.cjs > /dev/null 2>&1 &`;

  it('is not shared with another person, who would receive the response to a request that the first one smuggled', async () => {
    const label = 'web--demo1--ada';
    const berth = await givenBerth();
    await givenWorkspace(berth, { startup: careless, apps: [{ name: 'web' }] });
    await untilReady(berth);
    const [one, other] = [givenAppSession(berth, label), 'berth-app=another-session'];
    berth.rules.appSessions.set('another-session', label);
    const as = async (cookie: string) => (await requestApp(berth, label, '/', { headers: { cookie } })).body;
    await expect.poll(() => as(one)).toBe('fresh');
    const left = 'GET /left HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = await givenSocket(berth.port);
    const head = ['POST / HTTP/1.1', `Host: ${label}.${berth.domain}`, `Cookie: ${one}`];
    socket.write([...head, `Content-Length: ${left.length}`, '', left].join('\r\n'));
    await expect.poll(socket.received).toContain('fresh');
    expect(await as(other)).toBe('fresh');
  });
});
