import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { cliPorts } from '../../../contracts/sign-in.ts';
import { givenBerth, type TestBerth } from '../../support/berth.ts';
import { ended, givenCli, runCli } from '../../support/clients/cli.ts';
import { givenBrowser } from '../../support/clients/sign-in-browser.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth();
});
afterAll(() => berth.end());

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});
const environment = () => ({ HOME: home, XDG_CONFIG_HOME: join(home, 'config') });
const credentialsFile = () => join(home, 'config', 'berth', 'credentials.json');
const credentials = () => JSON.parse(readFileSync(credentialsFile(), 'utf8'));
const runBerth = (...args: string[]) => runCli(args, environment());

/** Starts `berth login`. Returns the URL that it prints, and its result. */
const givenLogin = async (...args: string[]) => {
  const child = givenCli(['login', berth.url, '--no-browser', ...args], environment());
  onTestFinished(() => void child.kill());
  const end = ended(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const address = await expect
    .poll(() => /http:\S+\/oidc\/auth\S+/.exec(stderr)?.[0], { timeout: 60_000 })
    .toBeDefined()
    .then(() => /http:\S+\/oidc\/auth\S+/.exec(stderr)?.[0] ?? '');
  return { address, end };
};

const login = async (person = 'ada') => {
  const { address, end } = await givenLogin();
  const page = await fetch(await givenBrowser(berth.url).signIn(address, person));
  return { page, end: await end };
};

const expire = () => {
  const before = credentials();
  before.berths[berth.url].expiresAt = Date.now() - 1_000;
  writeFileSync(credentialsFile(), JSON.stringify(before));
  return before.berths[berth.url];
};

describe('in the browser', () => {
  test('signs in with PKCE, state and nonce, stores the tokens in a private file, and signs out', async () => {
    const { address, end } = await givenLogin();
    const query = new URL(address).searchParams;
    expect(query.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(query.get(name)).toMatch(/^[\w-]{43}$/);
    expect(query.get('redirect_uri')).toMatch(/^http:\/\/localhost:2846[234]\/callback$/);

    const page = await fetch(await givenBrowser(berth.url).signIn(address, 'ada'));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('You can close this tab');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await end).toMatchObject({ code: 0, out: `You are signed in to ${berth.url} as ada.\n` });

    expect(statSync(credentialsFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'config', 'berth')).mode & 0o777).toBe(0o700);
    // From here on, neither the URL nor a token is passed.
    expect((await runBerth('whoami')).out).toMatch(/Name +ada\n[\s\S]*Signed in with +your browser/);
    expect((await runBerth('ls')).code).toBe(0);
    const { refreshToken } = credentials().berths[berth.url];

    expect(await runBerth('logout')).toMatchObject({ code: 0, out: `You are signed out of ${berth.url}.\n`, err: '' });
    expect(credentials()).toEqual({ berths: {} });
    expect((await runCli(['ls'], { ...environment(), BERTH_URL: berth.url })).code).toBe(3);
    const reused = await fetch(`${berth.url}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'berth', refresh_token: refreshToken }),
    });
    expect(await reused.json()).toMatchObject({ error: 'invalid_grant' });
  });

  test('refreshes an expired token once when several commands need it at the same time', async () => {
    await login();
    const before = expire();
    const results = await Promise.all([runBerth('whoami'), runBerth('whoami'), runBerth('whoami')]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const after = credentials().berths[berth.url];
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(after.expiresAt).toBeGreaterThan(Date.now());
    expect(existsSync(`${credentialsFile()}.lock`)).toBe(false);
    expect((await runBerth('whoami')).code).toBe(0);
  });

  test('prints the remedy when the provider rejects the refresh token', async () => {
    await login();
    const before = expire();
    before.refreshToken = 'revoked';
    writeFileSync(credentialsFile(), JSON.stringify({ current: berth.url, berths: { [berth.url]: before } }));
    expect(await runBerth('ls')).toMatchObject({
      code: 3,
      err: `berth: Your sign-in to ${berth.url} has expired. Sign in again with: berth login\n`,
    });
  });

  test('refuses callbacks that do not belong to its request, and waits for its own', async () => {
    const { address, end } = await givenLogin();
    const callback = await givenBrowser(berth.url).signIn(address, 'ada');
    const forged = (change: (url: URL) => void, init?: RequestInit) => {
      const url = new URL(callback);
      change(url);
      return fetch(url, init);
    };
    const refused = [
      await forged((url) => url.searchParams.set('state', 'x'.repeat(43))),
      await forged((url) => url.searchParams.delete('state')),
      await forged((url) => {
        url.pathname = '/elsewhere';
      }),
      await forged(() => undefined, { method: 'POST' }),
      // Under another host name for this machine, such as a foreign page could use.
      await forged((url) => {
        url.hostname = '127.0.0.1';
      }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(await refused[0]?.text()).not.toContain('xxxx');
    expect((await fetch(callback)).status).toBe(200);
    expect((await end).code).toBe(0);
  });

  test('reports a wrong authorization code in the browser and in the terminal', async () => {
    const { address, end } = await givenLogin();
    const callback = new URL(await givenBrowser(berth.url).signIn(address, 'ada'));
    callback.searchParams.set('code', 'of-another-person');
    const page = await fetch(callback);
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('Sign-in failed');
    expect(await end).toMatchObject({ code: 3, err: expect.stringContaining('failed:') });
    expect(existsSync(credentialsFile())).toBe(false);
  });

  test('uses another port when one is in use, and fails when all are', async () => {
    const servers = cliPorts.map((port) => createServer().listen(port, '127.0.0.1'));
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => once(server.close(), 'close')));
    });
    await Promise.all(servers.map((server) => once(server, 'listening')));
    expect(await runBerth('login', berth.url, '--no-browser')).toMatchObject({
      code: 1,
      err: expect.stringContaining('all in use'),
    });
    const last = servers.pop();
    await once(last?.close() ?? expect.fail(), 'close');
    const { address, end } = await givenLogin();
    expect(new URL(address).searchParams.get('redirect_uri')).toContain(String(cliPorts.at(-1)));
    await fetch(await givenBrowser(berth.url).signIn(address, 'ada'));
    expect((await end).code).toBe(0);
  });
});

describe('with an API token', () => {
  test('reads the token from stdin, checks it, and stores it', async () => {
    const token = berth.tokenOf('ada');
    const wrong = await runCli(['login', berth.url, '--token'], environment(), 'berth_wrong\n');
    expect(wrong).toMatchObject({ code: 3 });
    expect(existsSync(credentialsFile())).toBe(false);
    const done = await runCli(['login', berth.url, '--token', '--json'], environment(), `${token}\n`);
    expect(JSON.parse(done.out)).toMatchObject({ name: 'ada', by: 'token' });
    expect(done.out + done.err).not.toContain(token);
    expect(statSync(credentialsFile()).mode & 0o777).toBe(0o600);
    expect((await runBerth('whoami')).out).toMatch(/Signed in with +the API token in /);
    expect((await runBerth('logout')).err).toContain('stays valid');
  });

  test('nothing on stdin is a usage error', async () => {
    expect(await runBerth('login', berth.url, '--token')).toMatchObject({ code: 2 });
  });
});

describe('the stored sign-in', () => {
  test('the environment takes precedence over the stored sign-in', async () => {
    await login('ada');
    const byGrace = await runCli(['whoami', '--json'], { ...environment(), BERTH_TOKEN: berth.tokenOf('grace') });
    expect(JSON.parse(byGrace.out)).toMatchObject({ name: 'grace', signedInBy: 'BERTH_TOKEN' });
    const elsewhere = await runCli(['whoami'], { ...environment(), BERTH_URL: 'http://127.0.0.1:9' });
    // The stored token is not sent to another Berth.
    expect(elsewhere).toMatchObject({ code: 3, err: expect.stringContaining('not signed in to http://127.0.0.1:9') });
  });

  test('a token is not sent to an unencrypted address', async () => {
    expect(await runBerth('login', 'http://berth.example.com')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not encrypted'),
    });
  });

  test('a damaged file is an error with a remedy, and a file that others may read is made private', async () => {
    await login();
    chmodSync(credentialsFile(), 0o644);
    expire();
    expect((await runBerth('whoami')).code).toBe(0);
    expect(statSync(credentialsFile()).mode & 0o777).toBe(0o600);
    writeFileSync(credentialsFile(), '{');
    expect(await runBerth('ls')).toMatchObject({ code: 3, err: expect.stringContaining('Remove it') });
  });

  test('a lock that a killed command left behind does not block others', async () => {
    await login();
    expire();
    const left = join(`${credentialsFile()}.lock`, 'killed');
    mkdirSync(`${credentialsFile()}.lock`);
    writeFileSync(left, '');
    utimesSync(left, new Date(0), new Date(0));
    const results = await Promise.all([runBerth('whoami'), runBerth('whoami'), runBerth('whoami')]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  });
});
