import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { program } from '../../support/clients/cli.ts';
import { cliSuite } from './suite.ts';

const suite = cliSuite();
const { environment, run, runBerth } = suite;

test.each([
  [[], 0],
  [['template'], 2],
  [['template', 'push'], 2],
  [['people', 'deactivate'], 2],
  [['people', 'deactivate', 'nobody'], 4],
  [['--help'], 0],
  [['frobnicate'], 2],
  [['create', 'x'], 2],
  [['logs', 'x', '--build', 'first'], 2],
  [['extend', 'x', 'tomorrow'], 2],
  [['autostart', 'x'], 4],
  [['create'], 2],
  [['autostart', 'x', '--days', 'mon', '--off'], 2],
  [['autostart', 'x', '--days', 'someday', '--at', '08:30'], 2],
  [['autostart', 'x', '--days', 'mon', '--at', '8'], 2],
  [['autostart', 'x', '--days', 'mon', '--at', '08:30', '--time-zone', 'Mars'], 2],
  [['autostart', 'nowhere', '--off'], 4],
  [['show', 'nowhere'], 4],
  [['show', '../../etc'], 2],
])('berth %j ends with %d', async (args, code) => {
  expect((await run(args)).code).toBe(code);
});

test.each([
  [['strat', 'x'], "Unknown command 'strat'. Did you mean start? For usage, run the command with --help."],
  [
    ['show', 'a/b/c'],
    "Command-argument value 'a/b/c' is invalid for argument 'workspace'. Use its name, or owner/name for the workspace of another owner, such as ada/demo. For usage, run the command with --help.",
  ],
])('the usage error of berth %j has the form of all errors', async (args, detail) => {
  expect(await runBerth(...args)).toEqual({ code: 2, out: '', err: `berth: ${detail}\n` });
  expect(JSON.parse((await runBerth(...args, '--json')).err)).toMatchObject({ detail, status: 400 });
});

test('a refusal of the server is printed once', async () => {
  const refused = await runBerth('create', 'Demo', '-t', 'hello');
  expect(refused.err).toMatch(/^berth: name: A workspace name starts with a letter[^\n]+\n$/);
});

test('a line break after the token in BERTH_TOKEN is ignored, one inside it is an error', async () => {
  const token = suite.berth.tokenOf('ada');
  expect((await run(['whoami'], { env: { BERTH_TOKEN: `${token}\r\n` } })).code).toBe(0);
  expect(await run(['whoami'], { env: { BERTH_TOKEN: `${token}\n${token}` } })).toMatchObject({
    code: 2,
    err: expect.stringContaining('BERTH_TOKEN does not contain a token'),
  });
});

test('all missing arguments are reported together', async () => {
  expect((await runBerth('create')).err).toBe(
    'berth: Missing <name> and --template <template>. Usage: berth create <name> --template <template>. For details, run it with --help.\n',
  );
  expect(JSON.parse((await runBerth('share', 'rm', '--json')).err).detail).toMatch(
    /^Missing <workspace> and <share>\./,
  );
});

test('an error about a mistyped name suggests the right one', async () => {
  await suite.berth.as('ada').createWorkspace({ body: { name: 'website', template: 'hello' } });
  const errorOf = async (...args: string[]) => (await runBerth(...args)).err;
  expect(await errorOf('show', 'webiste')).toMatch(/There is no workspace "webiste".* Did you mean website\?\n$/);
  expect(await errorOf('rm', 'webiste', '--yes')).toMatch(/Did you mean website\?\n$/);
  expect(await errorOf('create', 'x', '-t', 'helo')).toMatch(/Did you mean hello\?\n$/);
  expect(await errorOf('show', 'nothing-like-it')).not.toContain('Did you mean');
  expect((await runBerth('rm', 'website', '--yes', '--wait')).code).toBe(0);
});

test('output that cannot be written is an error with a message', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [program, 'template', 'ls'], {
    env: { PATH: process.env['PATH'] ?? '', ...environment() },
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  const [err, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^berth: Could not write the output: .*no space left.*\.\n$/),
  });
});

test('the error about an invalid token names BERTH_TOKEN as its source', async () => {
  const wrong = await run(['ls'], { env: { BERTH_TOKEN: 'berth_0123456789abcdef_wrong' } });
  expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('comes from the variable BERTH_TOKEN') });
  expect(wrong.err).not.toContain('0123456789abcdef_wrong');
});

test('without a token, and without a server, the error contains the remedy', async () => {
  expect(await run(['ls'], { env: { BERTH_TOKEN: '' } })).toMatchObject({
    code: 3,
    err: expect.stringContaining('Sign in with: berth login'),
  });
  expect(await run(['ls'], { env: { BERTH_URL: 'http://127.0.0.1:9' } })).toEqual({
    code: 1,
    out: '',
    err: 'berth: Could not reach Berth at http://127.0.0.1:9. Set BERTH_URL to the right URL, or start Berth on this machine with npm start.\n',
  });
});

test('a request whose connection was lost is retried with the same idempotency key, and creates one workspace', async () => {
  const keys: unknown[] = [];
  const flaky = createServer(async (request, response) => {
    const upstream = await fetch(new URL(request.url ?? '/', suite.berth.url), {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === 'string' && !['host', 'connection', 'content-length'].includes(entry[0]),
      ),
      ...(request.method === 'POST' ? { body: await text(request) } : {}),
    });
    const body = await upstream.text();
    if (request.method === 'POST' && keys.push(request.headers['idempotency-key']) === 1) return response.destroy();
    response.writeHead(upstream.status, { 'content-type': 'application/json' }).end(body);
  });
  flaky.listen(0, '127.0.0.1');
  await once(flaky, 'listening');
  onTestFinished(() => void flaky.close());
  const url = `http://127.0.0.1:${(flaky.address() as AddressInfo).port}`;
  const created = await run(['create', 'once', '-t', 'hello', '--json'], { env: { BERTH_URL: url } });
  expect(created.code).toBe(0);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
  expect((await runBerth('rm', 'once', '-y', '--wait')).code).toBe(0);
});
