import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { atEnd, type Berth, cleanUp, givenBerth } from '../testing/harness.ts';
import { givenInstallation } from '../testing/replicas.ts';

afterEach(cleanUp);

/** Sends what it is given and then keeps its half of the connection open; the answer, once the gateway's half is over. */
const hold = async ({ port }: Pick<Berth, 'port'>, host: string, lines: string[], body = 'so far') => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  let answer = '';
  socket.on('data', (data: Buffer) => {
    answer += data.toString();
  });
  socket.write([...lines, `Host: ${host}`, '', body].join('\r\n'));
  await once(socket, 'end');
  // Only what is written to a connection that is wholly gone fails.
  await expect
    .poll(() => {
      socket.write('x');
      return socket.destroyed;
    })
    .toBe(true);
  return answer;
};

const length = 'Content-Length: 100';
const label = 'web--demo1--ada';

describe('a body that does not come', () => {
  it('of an agent’s authentication is waited for no longer than its time', async () => {
    const berth = await givenBerth({ bodyTimeoutMs: 100 });
    const answer = await hold(berth, 'gateway', ['POST /agent/sign-on HTTP/1.1', length]);
    expect(answer).toMatch(/^HTTP\/1.1 408 .*The authentication request did not arrive completely in time/s);
  });

  it('of the form that opens an app is waited for no longer than its time', async () => {
    const berth = await givenBerth({ bodyTimeoutMs: 100 });
    const form = ['Content-Type: application/x-www-form-urlencoded', `Origin: http://${berth.domain}`];
    const head = ['POST /.berth/session HTTP/1.1', length, ...form];
    expect(await hold(berth, `${label}.${berth.domain}`, head)).toMatch(/^HTTP\/1.1 408 .*The form did not arrive/s);
  });

  it.each([
    ['the form, refused', label, ['PUT /.berth/session HTTP/1.1', length], 405],
    ['Berth’s own path', label, ['POST /.berth/other HTTP/1.1', length], 404],
    ['an app, without a session', label, ['POST / HTTP/1.1', length], 401],
    ['an app, in chunks', label, ['POST / HTTP/1.1', 'Transfer-Encoding: chunked'], 401],
    ['an app, to be opened first', label, ['GET / HTTP/1.1', length, 'Accept: text/html'], 302],
    ['a host of no app', 'no-app', ['POST / HTTP/1.1', length], 421],
    ['a host of no app, by a browser', 'no-app', ['GET / HTTP/1.1', length, 'Accept: text/html'], 421],
  ])('holds no connection by %s', async (_what, name, head, status) => {
    const berth = await givenBerth();
    const body = head.includes(length) ? 'so far' : '6\r\nso far\r\n';
    const answer = await hold(berth, `${name}.${berth.domain}`, head, body);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: close`, 'is'));
  });

  it.each([
    ['what it has not', ['POST /nothing HTTP/1.1', length], 404],
    ['its health', ['GET /healthz HTTP/1.1', length], 200],
  ])('holds no connection to a replica that is asked for %s', async (_what, head, status) => {
    const replica = await (await givenInstallation()).givenReplica();
    expect(await hold(replica, 'gateway', head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

describe('an upgrade that is refused', () => {
  const upgrade = ['GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'];

  it('holds no connection', async () => {
    const berth = await givenBerth();
    expect(await hold(berth, `no-app.${berth.domain}`, upgrade, '')).toMatch(/^HTTP\/1.1 404 /);
    const replica = await (await givenInstallation()).givenReplica();
    expect(await hold(replica, 'gateway', upgrade, '')).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe('a refusal', () => {
  it.each([
    ['no-app', ['GET / HTTP/1.1'], '', 421],
    [label, ['POST / HTTP/1.1', 'Content-Length: 5'], 'whole', 401],
  ])('of a request to %s that came whole leaves the connection for the next one', async (name, head, body, status) => {
    const berth = await givenBerth();
    const openApp = berth.rules.openApp.bind(berth.rules);
    berth.rules.openApp = async (...asked) => {
      // As a table does, it takes a turn of the event loop.
      await setImmediate();
      return openApp(...asked);
    };
    const socket = connect({ port: berth.port, host: '127.0.0.1' });
    atEnd(() => socket.destroy());
    socket.write([...head, `Host: ${name}.${berth.domain}`, '', body].join('\r\n'));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: keep-alive`, 'is'));
  });
});
