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
const kept = () => join(home, 'config', 'berth', 'credentials.json');
const credentials = () => JSON.parse(readFileSync(kept(), 'utf8'));
const berthSays = (...args: string[]) => runCli(args, environment());

/** Begins to sign in; answers the address that it prints, and what it ends with. */
const givenLogin = async (...args: string[]) => {
  const child = givenCli(['login', berth.url, '--no-browser', ...args], environment());
  onTestFinished(() => void child.kill());
  const end = ended(child);
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const address = await expect
    .poll(() => /http:\S+\/oidc\/auth\S+/.exec(said)?.[0], { timeout: 60_000 })
    .toBeDefined()
    .then(() => /http:\S+\/oidc\/auth\S+/.exec(said)?.[0] ?? '');
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
  writeFileSync(kept(), JSON.stringify(before));
  return before.berths[berth.url];
};

describe('in the browser', () => {
  test('signs in with PKCE, state and nonce, keeps it for its owner alone, and forgets it', async () => {
    const { address, end } = await givenLogin();
    const asked = new URL(address).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(asked.get('redirect_uri')).toMatch(/^http:\/\/localhost:2846[234]\/callback$/);

    const page = await fetch(await givenBrowser(berth.url).signIn(address, 'ada'));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('You can close this tab');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await end).toMatchObject({ code: 0, out: `You are signed in to ${berth.url} as ada.\n` });

    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'config', 'berth')).mode & 0o777).toBe(0o700);
    // Neither address nor token is said again.
    expect((await berthSays('whoami')).out).toMatch(/Name +ada\n[\s\S]*Signed in with +your browser/);
    expect((await berthSays('ls')).code).toBe(0);
    const { refreshToken } = credentials().berths[berth.url];

    expect(await berthSays('logout')).toMatchObject({ code: 0, out: `You are signed out of ${berth.url}.\n`, err: '' });
    expect(credentials()).toEqual({ berths: {} });
    expect((await runCli(['ls'], { ...environment(), BERTH_URL: berth.url })).code).toBe(3);
    const reused = await fetch(`${berth.url}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'berth', refresh_token: refreshToken }),
    });
    expect(await reused.json()).toMatchObject({ error: 'invalid_grant' });
  });

  test('renews what ended, once, however many commands ask at once', async () => {
    await login();
    const before = expire();
    const asked = await Promise.all([berthSays('whoami'), berthSays('whoami'), berthSays('whoami')]);
    expect(asked.map(({ code }) => code)).toEqual([0, 0, 0]);
    const after = credentials().berths[berth.url];
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(after.expiresAt).toBeGreaterThan(Date.now());
    expect(existsSync(`${kept()}.lock`)).toBe(false);
    expect((await berthSays('whoami')).code).toBe(0);
  });

  test('says what to do once the provider takes it no more', async () => {
    await login();
    const before = expire();
    before.refreshToken = 'taken-back';
    writeFileSync(kept(), JSON.stringify({ current: berth.url, berths: { [berth.url]: before } }));
    expect(await berthSays('ls')).toMatchObject({
      code: 3,
      err: `berth: Your sign-in to ${berth.url} has expired. Sign in again with: berth login\n`,
    });
  });

  test('refuses an answer that is not to its own question, and waits for the one that is', async () => {
    const { address, end } = await givenLogin();
    const answer = await givenBrowser(berth.url).signIn(address, 'ada');
    const forged = (change: (url: URL) => void, init?: RequestInit) => {
      const url = new URL(answer);
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
      // By another name that leads here, as a page of somebody else's could.
      await forged((url) => {
        url.hostname = '127.0.0.1';
      }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(await refused[0]?.text()).not.toContain('xxxx');
    expect((await fetch(answer)).status).toBe(200);
    expect((await end).code).toBe(0);
  });

  test('refuses a code of another, and tells both browser and terminal', async () => {
    const { address, end } = await givenLogin();
    const answer = new URL(await givenBrowser(berth.url).signIn(address, 'ada'));
    answer.searchParams.set('code', 'of-somebody-else');
    const page = await fetch(answer);
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('Sign-in failed');
    expect(await end).toMatchObject({ code: 3, err: expect.stringContaining('failed:') });
    expect(existsSync(kept())).toBe(false);
  });

  test('takes another port where one is taken, and says so when all are', async () => {
    const servers = cliPorts.map((port) => createServer().listen(port, '127.0.0.1'));
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => once(server.close(), 'close')));
    });
    await Promise.all(servers.map((server) => once(server, 'listening')));
    expect(await berthSays('login', berth.url, '--no-browser')).toMatchObject({
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
  test('reads it from stdin, checks it, and keeps it', async () => {
    const token = berth.tokenOf('ada');
    const wrong = await runCli(['login', berth.url, '--token'], environment(), 'berth_wrong\n');
    expect(wrong).toMatchObject({ code: 3 });
    expect(existsSync(kept())).toBe(false);
    const done = await runCli(['login', berth.url, '--token', '--json'], environment(), `${token}\n`);
    expect(JSON.parse(done.out)).toMatchObject({ name: 'ada', by: 'token' });
    expect(done.out + done.err).not.toContain(token);
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    expect((await berthSays('whoami')).out).toMatch(/Signed in with +the API token in /);
    expect((await berthSays('logout')).err).toContain('stays valid');
  });

  test('nothing on stdin is told as what it is', async () => {
    expect(await berthSays('login', berth.url, '--token')).toMatchObject({ code: 2 });
  });
});

describe('what is signed in', () => {
  test('the environment goes before what is kept', async () => {
    await login('ada');
    const byGrace = await runCli(['whoami', '--json'], { ...environment(), BERTH_TOKEN: berth.tokenOf('grace') });
    expect(JSON.parse(byGrace.out)).toMatchObject({ name: 'grace', signedInBy: 'BERTH_TOKEN' });
    const elsewhere = await runCli(['whoami'], { ...environment(), BERTH_URL: 'http://127.0.0.1:9' });
    // Nobody is told the token of another Berth.
    expect(elsewhere).toMatchObject({ code: 3, err: expect.stringContaining('not signed in to http://127.0.0.1:9') });
  });

  test('a token goes to no address that is not encrypted', async () => {
    expect(await berthSays('login', 'http://berth.example.com')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not encrypted'),
    });
  });

  test('a damaged file is told with what to do, and one that others may read is made private', async () => {
    await login();
    chmodSync(kept(), 0o644);
    expire();
    expect((await berthSays('whoami')).code).toBe(0);
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    writeFileSync(kept(), '{');
    expect(await berthSays('ls')).toMatchObject({ code: 3, err: expect.stringContaining('Remove it') });
  });

  test('a lock that a killed command left holds nobody up', async () => {
    await login();
    expire();
    const left = join(`${kept()}.lock`, 'killed');
    mkdirSync(`${kept()}.lock`);
    writeFileSync(left, '');
    utimesSync(left, new Date(0), new Date(0));
    const asked = await Promise.all([berthSays('whoami'), berthSays('whoami'), berthSays('whoami')]);
    expect(asked.map(({ code }) => code)).toEqual([0, 0, 0]);
  });
});
