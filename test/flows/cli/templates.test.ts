import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { program, runCli } from '../../support/clients/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const served = (more = '') => `
name: served
description: Serves
parameters: [{ name: title, type: string, default: hello }]
compute: { kind: process }
apps: [{ name: web, displayName: My page, health: { failures: 1 } }]
prices: { runningPerHour: 0.5 }
${more}`;

let berth: TestBerth;
let folder: string;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ served: served() })] });
  folder = temporaryFolder();
});
afterAll(() => berth.end());

const as =
  (person: string) =>
  (...args: string[]) =>
    runCli(args, { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf(person) });
const ada = (...args: string[]) => as('ada')(...args);
const grace = (...args: string[]) => as('grace')(...args);

describe('a template', () => {
  test.each(['process', 'kubernetes', 'vm'])('is created from the starter %s without lint errors', async (from) => {
    const path = join(folder, from);
    expect((await grace('template', 'init', `my-${from}`, '--from', from, '--folder', path)).code).toBe(0);
    const linted = await grace('template', 'lint', path, '--json');
    const { problems } = JSON.parse(linted.out);
    // The other kinds are not installed here; their own tests check the starters' specs.
    const expected = from === 'process' ? [] : [expect.objectContaining({ field: 'compute.kind' })];
    expect(problems).toEqual(expected);
    expect(linted.code).toBe(from === 'process' ? 0 : 1);
    const again = await grace('template', 'init', `my-${from}`, '--folder', path);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is not empty') });
  });

  test('is linted by line and column, previewed, pushed, promoted, rolled back and deprecated', async () => {
    const path = join(folder, 'life');
    mkdirSync(path);
    const write = (text: string) => writeFileSync(join(path, 'template.yaml'), text);
    write(`name: life\ncompute:\n  kind: process\n  spec: { limits: { memory: lots } }\n`);
    const linted = await grace('template', 'lint', path);
    expect(linted).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^template.yaml:4:29: error: compute.spec.limits.memory A size is/),
      err: 'life cannot be published. Errors to fix: 1.\n',
    });

    write(served('agent: { env: { A: b } }').replace('name: served', 'name: life'));
    const previewed = await grace('template', 'preview', path, '-p', 'title=ahoy');
    expect(previewed.out).toMatch(/Template +life \(not published\)\n[\s\S]*Cost +0.5 per hour[\s\S]*-p title +ahoy/);
    expect(previewed.out).toMatch(/RESOURCE +NAME +WHEN STOPPED\n/);

    expect((await grace('template', 'push', path)).out).toBe('Published life version 1.\n');
    write(served('icon: web').replace('name: served', 'name: life'));
    expect(await grace('template', 'push', path, '--no-promote')).toMatchObject({
      out: 'Published life version 2.\n',
      err: expect.stringContaining('berth template promote life 2'),
    });
    expect((await ada('template', 'versions', 'life')).out).toMatch(/VERSION[\s\S]*\n2 +\d{4}-[\s\S]*\n1 +active /);
    expect((await grace('template', 'promote', 'life', '2')).out).toBe('life version 2 is active.\n');
    expect((await grace('template', 'promote', 'life', 'two')).code).toBe(2);

    const message = ['--message', 'Use served instead.'];
    expect((await grace('template', 'deprecate', 'life', ...message)).out).toContain('takes no new workspaces');
    expect((await ada('template', 'ls')).out).toMatch(/life +2 +\(deprecated\) Use served instead\./);
    expect(await ada('create', 'late', '-t', 'life')).toMatchObject({
      code: 1,
      err: 'berth: The template life is deprecated and takes no new workspaces. Use served instead.\n',
    });
    expect((await grace('template', 'deprecate', 'life', '--undo')).out).toContain('no longer deprecated');
    expect(await ada('template', 'promote', 'life', '1')).toMatchObject({ code: 1 });
  });
});

describe('a workspace', () => {
  test('is updated to the active version, and its app is opened at a URL without a token', async () => {
    expect((await ada('create', 'demo', '-t', 'served', '--wait')).code).toBe(0);
    expect((await ada('update', 'demo')).out).toBe('demo already has the active version of served, 1.\n');
    await berth.as('grace').publishTemplate({
      params: { template: 'served' },
      body: { file: served('icon: web') },
    });
    expect((await ada('show', 'demo')).out).toMatch(
      /served version 1 \(version 2 is active, update with: berth update demo\)/,
    );
    expect((await ada('update', 'demo', '--wait', '-p', 'title=new')).out).toMatch(/^demo is running\./);
    const updated = await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } });
    expect(updated).toMatchObject({ template: { version: 2 }, parameters: { title: 'new' } });
    expect((await ada('update', '--all')).out).toContain('already has the active version of served, 2');
    expect((await ada('update')).code).toBe(2);

    const app = updated.apps[0]?.url ?? '';
    expect((await ada('open', 'demo', 'web', '--print')).out).toBe(`${app}\n`);
    expect((await ada('open', 'demo', '--print')).out).toBe(`${berth.url}/workspaces/${updated.id}\n`);
    expect(await ada('open', 'demo', 'nothing')).toMatchObject({
      code: 4,
      err: expect.stringContaining('Its apps: web.'),
    });

    const opened = join(folder, 'opened');
    const browser = join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\nprintf '%s\\n' "$@" > ${opened}.new && mv ${opened}.new ${opened}\n`, {
      mode: 0o755,
    });
    const env = { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada'), BROWSER: browser };
    expect((await runCli(['open', 'demo', 'web'], env)).code).toBe(0);
    await expect.poll(() => existsSync(opened)).toBe(true);
    expect(readFileSync(opened, 'utf8')).toBe(`${app}\n`);
    const none = await runCli(['open', 'demo'], { ...env, BROWSER: join(folder, 'no-such-program') });
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining('/workspaces/') });
    await berth.as('ada').deleteWorkspace({ params: { workspace: updated.id } });
    await untilStatus(berth.as('ada'), updated.id, 'deleted').catch((error) =>
      expect(error).toMatchObject({ error: 'not_found' }),
    );
  });
});

describe('the bundled command line', () => {
  /** Every Node from 20 on in PATH, and the one that runs this test. */
  const nodes = [process.execPath, ...(process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'node'))]
    .filter((path) => existsSync(path))
    .map((path) => [execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path] as const)
    .filter(([version]) => Number(version.slice(1).split('.')[0]) >= 20);

  test.each([...new Map(nodes)])('runs alone on Node %s', async (_, node) => {
    const env = { PATH: '/nowhere', HOME: folder, BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
    const run = async (...args: string[]) =>
      (await promisify(execFile)(node, [program, ...args], { env, cwd: folder })).stdout;
    expect(await run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await run()).toMatch(/^Usage: berth[\s\S]*Workspaces:\n[\s\S]*Examples:\n/);
    expect(await run('template', 'ls')).toMatch(/^NAME +VERSION +DESCRIPTION\n/);
    expect(await run('whoami')).toMatch(/ada/);
  });

  test('suggests the right command or option', async () => {
    expect(await ada('crate')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean create?') });
    expect(await ada('template', 'publish')).toMatchObject({ code: 2 });
    expect(await ada('ls', '--jsn')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean --json?') });
  });
});
