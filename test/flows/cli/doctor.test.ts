import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { version } from '../../../contracts/version.ts';
import { givenBerth, type TestBerth } from '../../support/berth.ts';
import { type Ended, ended, runCli } from '../../support/clients/cli.ts';

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth();
});
afterAll(() => berth.end());

const doctor = (args: string[] = [], env: Record<string, string> = {}): Promise<Ended> =>
  runCli(['doctor', ...args], { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada'), NO_COLOR: '1', ...env });

/** A server in Berth's place. It responds to WebSocket upgrades with the status `gateway`. */
const givenServer = async (listener: RequestListener, gateway = 401): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${gateway} No\r\nConnection: close\r\n\r\n`));
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const givenClosedPort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
};
const berthLike =
  (change: { date?: string; version?: string } = {}): RequestListener =>
  (_, response) => {
    if (change.date !== undefined) response.setHeader('date', change.date);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'ok', version: change.version ?? version }));
  };

describe('the checks of a person’s machine', () => {
  test('a run without problems prints a line for each check and ends with 0', async () => {
    const { code, out, err } = await doctor();
    expect(err).toBe('');
    expect(out.replace(/^warn {2}ssh .*\n.*\n/m, '')).not.toMatch(/warn|FAIL/);
    expect(out).toContain(`Berth responds at ${berth.url}.`);
    expect(out).toMatch(/ok {4}clock +The clock differs from Berth's by \d+s/);
    expect(out).toMatch(/ok {4}token +The token is valid. It belongs to ada \(.*\)/);
    expect(out).toMatch(/ok {4}gateway +The gateway accepts WebSockets/);
    expect(code).toBe(0);
  });

  test('--json prints the findings as JSON', async () => {
    const { code, out } = await doctor(['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      findings: expect.arrayContaining([expect.objectContaining({ check: 'address', level: 'ok' })]),
    });
  });

  test('a token that is rejected, one that is missing, and one that expires soon', async () => {
    const wrong = await doctor([], { BERTH_TOKEN: 'berth_wrong' });
    expect(wrong).toMatchObject({ code: 1, out: expect.stringMatching(/FAIL {2}token +The token was rejected/) });
    const missing = await doctor([], { BERTH_TOKEN: '' });
    expect(missing).toMatchObject({
      code: 1,
      out: expect.stringMatching(/FAIL {2}token +There is no token\.\n +→ You are not signed in .* Sign in with/),
    });
    expect(missing.out).toMatch(/ok {4}gateway/);
    const { secret } = await berth.signedInAs('ada').createToken({ body: { name: 'short', days: 2 } });
    const soon = await doctor([], { BERTH_TOKEN: secret });
    expect(soon).toMatchObject({
      code: 0,
      out: expect.stringMatching(/warn {2}token +The token short is valid for less than 2 days/),
    });
    expect(soon.out + wrong.out).not.toMatch(new RegExp(`${secret}|berth_wrong`));
  });

  test('an address where nothing listens, one of another server, and one that redirects', async () => {
    const closed = await givenClosedPort();
    const nothing = await doctor([], { BERTH_URL: closed });
    expect(nothing).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /FAIL {2}address +Could not reach http:\/\/127.0.0.1:\d+: nothing listens on that port\.\n +→ Set BERTH_URL/,
      ),
    });
    const other = await doctor([], { BERTH_URL: await givenServer((_, response) => response.end('{ not JSON')) });
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('is not from Berth') });
    const moved = await givenServer((_, response) =>
      response.writeHead(301, { location: 'https://new.example/' }).end(),
    );
    expect(await doctor([], { BERTH_URL: moved })).toMatchObject({
      code: 1,
      out: expect.stringContaining('redirects to https://new.example/'),
    });
  });

  test('a clock that is wrong, and a server of another version', async () => {
    const date = new Date(Date.now() - 120_000).toUTCString();
    const result = await doctor([], { BERTH_URL: await givenServer(berthLike({ date, version: '9.9.9' })) });
    expect(result.code).toBe(1);
    expect(result.out).toMatch(
      /FAIL {2}clock +The clock of this machine is 1[12]\ds ahead\. Tokens are rejected beyond 60s/,
    );
    expect(result.out).toMatch(/warn {2}address +Berth has version 9.9.9/);
  });

  test('a gateway that does not respond is a warning, one that refuses WebSockets a failure', async () => {
    const unavailable = await doctor([], { BERTH_URL: await givenServer(berthLike(), 503) });
    expect(unavailable.out).toMatch(/warn {2}gateway +The gateway does not respond \(503\)/);
    const refusing = await doctor([], { BERTH_URL: await givenServer(berthLike(), 404) });
    expect(refusing.out).toMatch(/FAIL {2}gateway .*refused a WebSocket with status 404/);
  });

  test('a control sequence in a server’s response is not printed', async () => {
    const result = await doctor([], { BERTH_URL: await givenServer(berthLike({ version: '\u001b[2J' })) });
    expect(result.out).not.toContain('\u001b');
  });
});

describe('a deployment', () => {
  /** Deployments are checked with the command line in a clone of Berth. */
  const inClone = async (...args: string[]): Promise<Ended> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../../cli/main.ts'), 'doctor', ...args], {
      env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    });
    return ended(child);
  };

  test('the bundled command line refers to a clone of Berth', async () => {
    expect(await doctor(['--settings', 'package.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('in a clone of Berth'),
    });
  });

  test('its settings are read in the clone, and every problem in them is reported', async () => {
    const result = await inClone('--settings', 'package.json');
    expect(result.code).toBe(1);
    expect(result.out).toMatch(/FAIL {2}settings +package.json: account: must be a text of 12 digits/);
    expect(result.out).toMatch(/FAIL {2}settings +package.json: region: /);
  });

  test('a settings file that does not exist is a failure', async () => {
    const result = await inClone('--settings', 'nowhere.yaml', '--json');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.out)).toMatchObject({
      ok: false,
      findings: [{ check: 'settings', level: 'fail', what: expect.stringContaining('the file does not exist') }],
    });
  });
});
