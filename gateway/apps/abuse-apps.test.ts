import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { givenSocket, givenTarget } from '../testing/abuse.ts';
import { ask, cleanUp, givenAppSession, givenBerth, givenWorkspace, untilReady } from '../testing/harness.ts';
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

  const asked = (path: string) => ask(target.replica, 'web--demo--ada', path, { headers: { cookie: target.cookie } });
  const stillServes = () => expect(appAt(target.replica, target.cookie)).resolves.toBe('hello of demo');

  /** A request whose response is not read. */
  const givenOpen = (path: string) => {
    const headers = { host: target.host, cookie: target.cookie };
    const sent = request({ host: '127.0.0.1', port: target.port, path, headers, agent: false });
    sent.on('error', () => sent.destroy());
    sent.end();
    return sent;
  };

  it('whose headers never end gets no more time', async () => {
    expect(await asked('/headers')).toMatchObject({
      status: 502,
      body: expect.stringContaining('larger than 64 KB'),
    });
    await stillServes();
  });

  it('that sends only interim responses gets no more time', async () => {
    expect(await asked('/early')).toMatchObject({ status: 502 });
    await stillServes();
  });

  it('whose body never ends is read no faster than the browser reads', async () => {
    const before = process.memoryUsage().rss;
    const sent = givenOpen('/body');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.pause();
    for (let more = 0; more < 20; more += 1) await stillServes();
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    sent.destroy();
  });

  it('that never responds does not delay others', async () => {
    const waiting = Array.from({ length: 50 }, () => givenOpen('/never'));
    await stillServes();
    for (const sent of waiting) sent.destroy();
  });

  it('that sends a compression bomb: it is forwarded without being unpacked', async () => {
    const before = process.memoryUsage().rss;
    const sent = givenOpen('/bomb');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const packed = Buffer.concat(await answer.toArray());
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(packed.length).toBe(Number(answer.headers['content-length']));
    expect(packed.length).toBeLessThan(megabyte);
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    expect(gunzipSync(packed)).toHaveLength(64 * megabyte);
  });

  it.each(['/cr', '/lf', '/nul'])('that splits a header (%s) gets a 502', async (path) => {
    const answer = await asked(path);
    expect(answer).toMatchObject({ status: 502 });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    await stillServes();
  });

  it('that sends two lengths gets a 502', async () => {
    expect(await asked('/lengths')).toMatchObject({ status: 502 });
    await stillServes();
  });

  it('that responds twice: the second response is dropped', async () => {
    expect(await asked('/two')).toMatchObject({ status: 200, body: 'ok' });
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
    say('asked');
  });
}).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
EOF
$BERTH_NODE web.cjs > /dev/null 2>&1 &`;

  it('is not shared with another person, who would get the response to what the first one left on it', async () => {
    const label = 'web--demo1--ada';
    const berth = await givenBerth();
    await givenWorkspace(berth, { startup: careless, apps: [{ name: 'web' }] });
    await untilReady(berth);
    const [one, other] = [givenAppSession(berth, label), 'berth-app=another-session'];
    berth.rules.appSessions.set('another-session', label);
    const as = async (cookie: string) => (await ask(berth, label, '/', { headers: { cookie } })).body;
    await expect.poll(() => as(one)).toBe('asked');
    const left = 'GET /left HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = await givenSocket(berth.port);
    const head = ['POST / HTTP/1.1', `Host: ${label}.${berth.domain}`, `Cookie: ${one}`];
    socket.write([...head, `Content-Length: ${left.length}`, '', left].join('\r\n'));
    await expect.poll(socket.said).toContain('asked');
    expect(await as(other)).toBe('asked');
  });
});
