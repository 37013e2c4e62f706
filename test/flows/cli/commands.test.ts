import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { type Ended, givenCli, program, runCli } from '../../support/clients/cli.ts';
import { signInToken } from '../../support/clients/sign-in-token.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const templates = {
  hello: `
name: hello
description: Says hello
parameters:
  - { name: greeting, type: string, default: hello }
  - { name: tools, type: list, default: [] }
compute: { kind: process }
agent:
  startup: |
    echo "$BERTH_PARAM_GREETING"
    printf '\\033]0;owned\\007%s\\n' "$BERTH_PARAM_TOOLS"
`,
  broken: `
name: broken
parameters:
  - { name: size, type: number, integer: true }
compute: { kind: process }
agent:
  startup: |
    echo "about to fail"
    exit 7
`,
};

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
});
afterAll(() => berth.end());

const environment = () => ({ BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });
const given = (args: string[]) => givenCli(args, environment());
const run = (args: string[], { env = {}, input = '' as string | Buffer } = {}): Promise<Ended> =>
  runCli(args, { ...environment(), ...env }, input);
const berthSays = (...args: string[]) => run(args);
const json = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).out);

describe('the life of a workspace from a terminal', () => {
  test('it is created, watched, used, stopped, started with another parameter, and deleted', async () => {
    const created = await berthSays(
      'create',
      'demo',
      '-t',
      'hello',
      '-p',
      'greeting=ahoy',
      '-p',
      'tools=git,make',
      '--wait',
    );
    expect(created).toMatchObject({ code: 0, out: expect.stringContaining('demo is running.') });
    expect(created.err).toMatch(/✓ .+ {2}\d+\.\ds/);

    expect((await berthSays('ls')).out).toMatch(
      /NAME +STATUS +TEMPLATE +STOPS\ndemo +running +hello@1 +in (1h 59m|2h 0m)\n/,
    );
    expect((await berthSays('show', 'demo')).out).toMatch(
      /running[\s\S]*Template +hello version 1[\s\S]*-p greeting +ahoy/,
    );

    expect((await berthSays('builds', 'demo')).out).toMatch(/^BUILD[\s\S]*\n1 +start +succeeded +person, ada +1 /);
    const logs = await berthSays('logs', 'demo', '-f');
    expect(logs).toMatchObject({ code: 0, out: 'ahoy\ngit\nmake\n' });

    expect((await berthSays('extend', 'demo', '3h')).out).toMatch(/^demo stops in 2h 59m|^demo stops in 3h 0m/);
    expect((await berthSays('start', 'demo')).out).toMatch(/^demo is running\./);
    expect((await json('show', 'demo')).build.number).toBe(1);
    expect((await berthSays('restart', 'demo', '--wait')).out).toMatch(/^demo is running\./);
    expect(await json('show', 'demo')).toMatchObject({ build: { number: 3 }, parameters: { greeting: 'ahoy' } });
    for (const words of [['--wait'], []]) {
      expect(await berthSays('stop', 'demo', ...words)).toMatchObject({
        code: 0,
        out: 'demo is stopped. Its home is kept.\n',
      });
    }
    expect((await berthSays('logs', 'demo')).out).toContain('ahoy');
    expect((await berthSays('start', 'demo', '-p', 'greeting=again', '--wait')).code).toBe(0);
    expect((await json('show', 'demo')).parameters).toMatchObject({ greeting: 'again', tools: ['git', 'make'] });

    const unasked = await berthSays('delete', 'demo');
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('Add --yes') });
    expect(await berthSays('rm', 'demo', '--yes', '--wait')).toMatchObject({ code: 0, out: 'demo is deleted.\n' });
    expect(await json('list')).toEqual([]);
  });

  test('it starts by itself on days of the week, until that is turned off', async () => {
    expect((await berthSays('create', 'early', '-t', 'hello', '--wait')).code).toBe(0);
    expect(await berthSays('autostart', 'early')).toMatchObject({ code: 0, out: 'early has no autostart schedule.\n' });
    const words = ['--days', 'mon-fri', '--at', '8:30', '--time-zone', 'Asia/Kolkata'];
    const set = await berthSays('autostart', 'early', ...words);
    expect(set).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^early starts mon-fri at 08:30 Asia\/Kolkata, next at \d{4}-\d\d-\d\d \d\d:\d\d\.\n$/,
      ),
    });
    expect((await berthSays('autostart', 'early')).out).toBe(set.out);
    expect((await berthSays('show', 'early')).out).toMatch(/Starts +mon-fri at 08:30 Asia\/Kolkata, next at/);
    expect((await json('show', 'early')).autostart).toMatchObject({ at: '08:30', timeZone: 'Asia/Kolkata' });
    expect(await berthSays('autostart', 'early', '--off')).toMatchObject({
      code: 0,
      out: 'early has no autostart schedule.\n',
    });
    expect((await berthSays('show', 'early')).out).not.toContain('Starts');
    expect((await berthSays('rm', 'early', '-y', '--wait')).code).toBe(0);
  });

  test('a failed build says what and what to do, shows the end of its log, and ends with 5', async () => {
    const failed = await berthSays('create', 'bad', '-t', 'broken', '-p', 'size=3', '--wait');
    expect(failed).toMatchObject({ code: 5, out: '' });
    expect(failed.err).toMatch(/✗[\s\S]*│ about to fail[\s\S]*berth: .*exit code 7/);

    const asJson = await berthSays('start', 'bad', '--wait', '--json');
    expect(asJson.code).toBe(5);
    expect(JSON.parse(asJson.err)).toMatchObject({ type: expect.stringMatching(/startup_failed$/) });
    expect((await berthSays('rm', 'bad', '-y', '--wait')).code).toBe(0);
  });

  test('wrong parameters are refused before anything is created', async () => {
    const missing = await berthSays('create', 'bad', '-t', 'broken');
    expect(missing).toMatchObject({ code: 2, err: 'berth: size is required: add -p size=…\n' });
    const wrong = await berthSays('create', 'bad', '-t', 'broken', '-p', 'size=big');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('size must be a number') });
    expect(await json('ls')).toEqual([]);
  });
});

describe('exec', () => {
  beforeAll(async () => {
    expect((await berthSays('create', 'box', '--template', 'hello', '--wait')).code).toBe(0);
  });

  test('passes arguments, both outputs and the exit code through', async () => {
    const ended = await berthSays(
      'exec',
      'box',
      '--',
      'sh',
      '-c',
      'echo "$1"; echo problem >&2; exit 42',
      'sh',
      'a  b;$c',
    );
    expect(ended).toEqual({ code: 42, out: 'a  b;$c\n', err: 'problem\n' });
  });

  test('carries much input and output, unchanged', async () => {
    const input = Buffer.alloc(8_000_000, 'berth 0123456789\n');
    const { code, out } = await run(['exec', 'box', '--', 'cat'], { input });
    expect(code).toBe(0);
    expect(out === input.toString()).toBe(true);
  });

  test('ends with the command though its input stays open', async () => {
    const child = given(['exec', 'box', '--', 'true']);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('hands Ctrl-C to the command', async () => {
    const child = given([
      'exec',
      'box',
      '--',
      'sh',
      '-c',
      'trap "echo caught; exit 9" INT; echo up; while :; do sleep 0.1; done',
    ]);
    const out = text(child.stdout);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([9, null]);
    await out;
  });

  test('a command that is not there ends with 127 and a sentence', async () => {
    const ended = await berthSays('exec', 'box', '--', 'no-such-command');
    expect(ended).toMatchObject({ code: 127, err: expect.stringContaining('no-such-command: command not found') });
  });

  test('of one that does not run the refusal names the command that starts it', async () => {
    expect((await berthSays('create', 'rest', '-t', 'hello', '--wait')).code).toBe(0);
    expect((await berthSays('stop', 'rest', '--wait')).code).toBe(0);
    expect(await berthSays('exec', 'rest', '--', 'true')).toMatchObject({
      code: 1,
      err: 'berth: The workspace rest is stopped. Start it first. Run: berth start rest --wait\n',
    });
    expect((await berthSays('rm', 'rest', '-y', '--wait')).code).toBe(0);
  });

  test('refusals are told as errors of every command are', async () => {
    expect(await berthSays('exec', 'nowhere', '--', 'true')).toMatchObject({ code: 4 });
    expect(await run(['exec', 'box', '--', 'true'], { env: { BERTH_TOKEN: 'berth_wrong' } })).toMatchObject({
      code: 3,
    });
  });
});

describe('what is around it', () => {
  test('templates, people and tokens', async () => {
    expect((await berthSays('template', 'ls')).out).toMatch(
      /^NAME +VERSION +DESCRIPTION\n[\s\S]*hello +1 +Says hello\n/,
    );
    expect((await berthSays('template', 'show', 'broken')).out).toMatch(/size +number +\(required\)/);
    expect((await berthSays('whoami')).out).toMatch(/Name +ada\n/);

    const create = ['tokens', 'create', 'laptop', '--days', '2'];
    const byToken = await run(create);
    expect(byToken).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/cannot create another one.*berth login/),
    });
    const made = await run(create, { env: { BERTH_TOKEN: signInToken(berth, 'ada') } });
    const secret = made.out.trim();
    expect((await run(['whoami', '--json'], { env: { BERTH_TOKEN: secret } })).code).toBe(0);
    const token = (await json('tokens', 'ls')).find(({ name }: { name: string }) => name === 'laptop');
    expect((await berthSays('tokens', 'rm', token.id)).code).toBe(0);
    expect((await run(['whoami'], { env: { BERTH_TOKEN: secret } })).code).toBe(3);
  });

  test('admins see who there is, deactivate and activate; others are told why not', async () => {
    const asGrace = (...args: string[]) => run(args, { env: { BERTH_TOKEN: berth.tokenOf('grace') } });
    expect((await asGrace('people', 'deactivate', 'linus')).out).toMatch(/^linus is deactivated\. /);
    expect((await asGrace('people', 'ls')).out).toMatch(
      /^NAME +FULL NAME +ROLES +SIGNED IN +STATUS\n[\s\S]*\nlinus +Linus Torvalds +member +\S+ \S+ +deactivated\n/,
    );
    expect((await run(['whoami'], { env: { BERTH_TOKEN: berth.tokenOf('linus') } })).code).toBe(3);
    expect(await asGrace('people', 'activate', 'linus')).toMatchObject({ code: 0, out: 'linus is active.\n' });
    expect((await run(['whoami'], { env: { BERTH_TOKEN: berth.tokenOf('linus') } })).code).toBe(0);
    expect(await berthSays('people', 'ls')).toMatchObject({ err: expect.stringContaining('Only admins and auditors') });
  });

  describe('template push', () => {
    const asGrace = (...args: string[]) => run(args, { env: { BERTH_TOKEN: berth.tokenOf('grace') } });
    const pushed = 'name: pushed\ncompute: { kind: process }\n';
    const givenFolder = (files: Record<string, string>) => {
      const folder = temporaryFolder();
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return folder;
    };

    test('publishes a folder with its README, once, and says so', async () => {
      const folder = givenFolder({ 'template.yaml': pushed, 'README.md': 'How to use it', 'notes.txt': 'stays here' });
      expect(await asGrace('template', 'push', folder)).toEqual({
        code: 0,
        out: 'Published pushed version 1.\n',
        err: '',
      });
      expect((await asGrace('template', 'push', folder)).out).toBe(
        'Nothing changed: pushed version 1 has the same content.\n',
      );
      const { active } = await json('template', 'show', 'pushed');
      expect(active).toMatchObject({ version: 1, readme: 'How to use it', createdBy: 'grace' });
      writeFileSync(join(folder, 'template.yaml'), `${pushed}icon: code\n`);
      expect(JSON.parse((await asGrace('template', 'push', folder, '--json')).out)).toEqual({
        template: 'pushed',
        version: 2,
        published: true,
        activeVersion: 2,
      });
    });

    test('tells everything that is wrong with the file, and who may not', async () => {
      const folder = givenFolder({ 'template.yaml': 'name: wrong\ncolour: red\nicon: nope\ncompute: {}\n' });
      const refused = await asGrace('template', 'push', folder);
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/colour: line 2, column 1: [\s\S]*icon: line 3, column 7: /);
      const broken = await asGrace('template', 'push', givenFolder({ 'template.yaml': 'name: wrong\ncompute: [\n' }));
      expect(broken.err).toMatch(/\n {2}line 3, column 1: /);
      expect(await berthSays('template', 'push', folder)).toEqual({
        code: 1,
        out: '',
        err: 'berth: Only admins and template admins may publish templates. Ask one of them.\n',
      });
    });

    test('refuses a folder that is no template’s, in a sentence', async () => {
      const wrong = async (folder: string, sentence: string) =>
        expect(await asGrace('template', 'push', folder)).toEqual({ code: 2, out: '', err: `berth: ${sentence}\n` });
      const [empty, file] = [givenFolder({}), join(givenFolder({ x: '' }), 'x')];
      for (const folder of [empty, file, join(empty, 'nowhere')]) {
        await wrong(folder, `There is no template.yaml in ${folder}. Use the folder of a template.`);
      }
      const large = givenFolder({ 'template.yaml': pushed, 'README.md': 'x'.repeat(65_537) });
      await wrong(large, `README.md in ${large} is larger than 64 KB. Shorten it.`);
      const nameless = givenFolder({ 'template.yaml': 'name: Not A Name\n' });
      await wrong(nameless, `The template.yaml in ${nameless} has no valid name. Add one, such as "name: linux".`);
      const hollow = givenFolder({});
      mkdirSync(join(hollow, 'template.yaml'));
      await wrong(hollow, `template.yaml in ${hollow} is not a file. Replace it with one.`);
    });

    test('follows no link out of the folder; one inside it, or to it, is followed', async () => {
      const outside = join(givenFolder({ secret: 'private' }), 'secret');
      const folder = givenFolder({ 'template.yaml': pushed.replace('pushed', 'linked'), 'words.md': 'Words' });
      symlinkSync(outside, join(folder, 'README.md'));
      const refused = await asGrace('template', 'push', folder);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('README.md') });
      expect(refused.err).toContain('is a link to a file outside of the folder');
      expect((await asGrace('template', 'show', 'linked')).code).toBe(4);

      rmSync(join(folder, 'README.md'));
      symlinkSync('words.md', join(folder, 'README.md'));
      const way = join(givenFolder({}), 'way');
      symlinkSync(folder, way);
      expect((await asGrace('template', 'push', way)).out).toBe('Published linked version 1.\n');
      expect((await json('template', 'show', 'linked')).active.readme).toBe('Words');
    });
  });

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
  ])('what is wrong with berth %j is told as all errors are', async (words, detail) => {
    expect(await berthSays(...words)).toEqual({ code: 2, out: '', err: `berth: ${detail}\n` });
    expect(JSON.parse((await berthSays(...words, '--json')).err)).toMatchObject({ detail, status: 400 });
  });

  test('what the server refuses is told once', async () => {
    const refused = await berthSays('create', 'Demo', '-t', 'hello');
    expect(refused.err).toMatch(/^berth: name: A workspace name starts with a letter[^\n]+\n$/);
  });

  test('a line break around the token in BERTH_TOKEN is not of it, one inside is told', async () => {
    const token = berth.tokenOf('ada');
    expect((await run(['whoami'], { env: { BERTH_TOKEN: `${token}\r\n` } })).code).toBe(0);
    expect(await run(['whoami'], { env: { BERTH_TOKEN: `${token}\n${token}` } })).toMatchObject({
      code: 2,
      err: expect.stringContaining('BERTH_TOKEN does not contain a token'),
    });
  });

  test('all that a command lacks is told together', async () => {
    expect((await berthSays('create')).err).toBe(
      'berth: Missing <name> and --template <template>. Usage: berth create <name> --template <template>. For details, run it with --help.\n',
    );
    expect(JSON.parse((await berthSays('share', 'rm', '--json')).err).detail).toMatch(
      /^Missing <workspace> and <share>\./,
    );
  });

  test('a name that is mistyped is told beside the one that was meant', async () => {
    await berth.as('ada').createWorkspace({ body: { name: 'website', template: 'hello' } });
    const mistyped = async (...args: string[]) => (await berthSays(...args)).err;
    expect(await mistyped('show', 'webiste')).toMatch(/There is no workspace "webiste".* Did you mean website\?\n$/);
    expect(await mistyped('rm', 'webiste', '--yes')).toMatch(/Did you mean website\?\n$/);
    expect(await mistyped('create', 'x', '-t', 'helo')).toMatch(/Did you mean hello\?\n$/);
    expect(await mistyped('show', 'nothing-like-it')).not.toContain('Did you mean');
    expect((await berthSays('rm', 'website', '--yes', '--wait')).code).toBe(0);
  });

  test('output that cannot be written is a failure in a sentence', async () => {
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

  test('a token in BERTH_TOKEN that is not valid is named as where it came from', async () => {
    const wrong = await run(['ls'], { env: { BERTH_TOKEN: 'berth_0123456789abcdef_wrong' } });
    expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('comes from the variable BERTH_TOKEN') });
    expect(wrong.err).not.toContain('0123456789abcdef_wrong');
  });

  test('without a token, and without a server, it says what to do', async () => {
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

  test('a lost connection is tried again with the same key, so that one workspace is created', async () => {
    const keys: unknown[] = [];
    const flaky = createServer(async (request, response) => {
      const answer = await fetch(new URL(request.url ?? '/', berth.url), {
        method: request.method ?? 'GET',
        headers: Object.entries(request.headers).filter(
          (entry): entry is [string, string] =>
            typeof entry[1] === 'string' && !['host', 'connection', 'content-length'].includes(entry[0]),
        ),
        ...(request.method === 'POST' ? { body: await text(request) } : {}),
      });
      const body = await answer.text();
      if (request.method === 'POST' && keys.push(request.headers['idempotency-key']) === 1) return response.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    });
    flaky.listen(0, '127.0.0.1');
    await once(flaky, 'listening');
    onTestFinished(() => void flaky.close());
    const url = `http://127.0.0.1:${(flaky.address() as AddressInfo).port}`;
    const created = await run(['create', 'once', '-t', 'hello', '--json'], { env: { BERTH_URL: url } });
    expect(created.code).toBe(0);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect((await berthSays('rm', 'once', '-y', '--wait')).code).toBe(0);
  });
});
