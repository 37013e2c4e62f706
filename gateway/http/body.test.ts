import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { atEnd, type Berth, cleanUp, givenBerth } from '../testing/harness.ts';
import { givenInstallation } from '../testing/replicas.ts';

afterEach(cleanUp);

/**
 * Sends a request and keeps its half of the connection open. Returns the response once the gateway has closed its half,
 * and checks that the gateway closes the connection completely.
 */
const sendHalfOpen = async ({ port }: Pick<Berth, 'port'>, host: string, lines: string[], body = 'so far') => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  let response = '';
  socket.on('data', (data: Buffer) => {
    response += data.toString();
  });
  socket.write([...lines, `Host: ${host}`, '', body].join('\r\n'));
  await once(socket, 'end');
  // Only a write to a connection that is closed completely fails.
  await expect
    .poll(() => {
      socket.write('x');
      return socket.destroyed;
    })
    .toBe(true);
  return response;
};

const length = 'Content-Length: 100';
const label = 'web--demo1--ada';

describe('a body that does not arrive', () => {
  it('of an agent’s authentication leads to a 408 after the timeout', async () => {
    const berth = await givenBerth({ bodyTimeoutMs: 100 });
    const response = await sendHalfOpen(berth, 'gateway', ['POST /agent/sign-on HTTP/1.1', length]);
    expect(response).toMatch(/^HTTP\/1.1 408 .*The authentication request did not arrive completely in time/s);
  });

  it('of the form that opens an app leads to a 408 after the timeout', async () => {
    const berth = await givenBerth({ bodyTimeoutMs: 100 });
    const form = ['Content-Type: application/x-www-form-urlencoded', `Origin: http://${berth.domain}`];
    const head = ['POST /.berth/session HTTP/1.1', length, ...form];
    expect(await sendHalfOpen(berth, `${label}.${berth.domain}`, head)).toMatch(
      /^HTTP\/1.1 408 .*The form did not arrive/s,
    );
  });

  it.each([
    ['the form, with another method', label, ['PUT /.berth/session HTTP/1.1', length], 405],
    ['a reserved path', label, ['POST /.berth/other HTTP/1.1', length], 404],
    ['an app, without a session', label, ['POST / HTTP/1.1', length], 401],
    ['an app, in chunks', label, ['POST / HTTP/1.1', 'Transfer-Encoding: chunked'], 401],
    ['an app, with a redirect to sign in', label, ['GET / HTTP/1.1', length, 'Accept: text/html'], 302],
    ['an unknown host', 'no-app', ['POST / HTTP/1.1', length], 421],
    ['an unknown host, by a browser', 'no-app', ['GET / HTTP/1.1', length, 'Accept: text/html'], 421],
  ])('does not hold a connection open: %s', async (_, name, head, status) => {
    const berth = await givenBerth();
    const body = head.includes(length) ? 'so far' : '6\r\nso far\r\n';
    const response = await sendHalfOpen(berth, `${name}.${berth.domain}`, head, body);
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: close`, 'is'));
  });

  it.each([
    ['an unknown path', ['POST /nothing HTTP/1.1', length], 404],
    ['its health', ['GET /healthz HTTP/1.1', length], 200],
  ])('does not hold a connection to a replica open: %s', async (_, head, status) => {
    const replica = await (await givenInstallation()).givenReplica();
    expect(await sendHalfOpen(replica, 'gateway', head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

describe('an upgrade that is refused', () => {
  const upgrade = ['GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'];

  it('does not hold its connection open', async () => {
    const berth = await givenBerth();
    expect(await sendHalfOpen(berth, `no-app.${berth.domain}`, upgrade, '')).toMatch(/^HTTP\/1.1 404 /);
    const replica = await (await givenInstallation()).givenReplica();
    expect(await sendHalfOpen(replica, 'gateway', upgrade, '')).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe('a refusal', () => {
  it.each([
    ['no-app', ['GET / HTTP/1.1'], '', 421],
    [label, ['POST / HTTP/1.1', 'Content-Length: 5'], '12345', 401],
  ])('of a complete request to %s keeps the connection open for the next one', async (name, head, body, status) => {
    const berth = await givenBerth();
    const openApp = berth.rules.openApp.bind(berth.rules);
    berth.rules.openApp = async (...args) => {
      // Like a table, it needs a turn of the event loop.
      await setImmediate();
      return openApp(...args);
    };
    const socket = connect({ port: berth.port, host: '127.0.0.1' });
    atEnd(() => socket.destroy());
    socket.write([...head, `Host: ${name}.${berth.domain}`, '', body].join('\r\n'));
    const [response] = await once(socket, 'data');
    expect(String(response)).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: keep-alive`, 'is'));
  });
});
