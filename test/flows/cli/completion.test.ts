import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optional } from '../../requirements.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { program, runCli } from '../../support/clients/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const served = `
name: served
parameters:
  - { name: size, type: string, default: small, options: [{ value: small }, { value: large }], displayName: Size }
  - { name: note, type: string, default: '' }
compute: { kind: process }
apps: [{ name: web, displayName: My page }]
`;

let berth: TestBerth;
const folder = temporaryFolder();
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, served })] });
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'served' } });
  await untilStatus(berth.as('ada'), id, 'running');
  mkdirSync(join(folder, 'templates'));
  symlinkSync(program, join(folder, 'berth'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, shell), (await runCli(['completion', shell], {})).out);
  }
});
afterAll(() => berth.end());

const environment = () => ({ BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });

/** Presses Tab again until the result comes: on a busy machine, Berth may exceed the time limit of a completion. */
const eventually = <T>(press: () => Promise<T>) => expect.poll(press, { timeout: 30_000 });

describe('names from the server', () => {
  test('complete the arguments and options that take them', async () => {
    const { id } = await berth.as('ada').createShare({
      params: { workspace: 'demo' },
      body: { what: { kind: 'app', app: 'web' }, with: { kind: 'person', person: 'linus' } },
    });
    const cases: [string[], string][] = [
      [['share', 'rm', 'demo', ''], `${id}\tapp web, linus\n`],
      [['create', 'new', '-t', ''], 'plain\nserved\n'],
      [['stop', '--wait', 'd'], 'demo\trunning, served\n'],
      [['open', 'demo', ''], 'web\tMy page\n'],
      [['open', 'nowhere', ''], ''],
      [['create', 'new', '-t', 'served', '-p', ''], 'size=small\tSize\nsize=large\tSize\nnote=\n'],
      [['start', 'demo', '-p', 'size=l'], 'size=large\tSize\n'],
      [['template', 'preview', 'served', '-p', 'n'], 'note=\n'],
    ];
    for (const [args, out] of cases) {
      await eventually(() => runCli(['__complete', '--', ...args], environment())).toEqual({ code: 0, out, err: '' });
    }
  });

  test('are not offered, without an error, when Berth cannot be reached or nobody is signed in', async () => {
    for (const env of [{ BERTH_URL: 'http://127.0.0.1:9', BERTH_TOKEN: 'x' }, { BERTH_URL: berth.url }]) {
      expect(await runCli(['__complete', '--', 'show', ''], env)).toEqual({ code: 0, out: '', err: '' });
    }
  });
});

const hasShell = (shell: string) =>
  optional(`completion in ${shell}`, spawnSync(shell, ['-c', 'exit 0']).status === 0, `Install ${shell}.`);
/** With a PATH where the shell finds `berth` and Node. */
const shellEnvironment = () => ({
  ...environment(),
  HOME: folder,
  TERM: 'dumb',
  PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`,
});
const runInShell = async (shell: string, args: string[]): Promise<string> =>
  (await promisify(execFile)(shell, args, { env: shellEnvironment(), cwd: folder })).stdout;

describe('real shells', () => {
  test.runIf(hasShell('bash'))('bash', async () => {
    const press = (...words: string[]) =>
      runInShell('bash', [
        '-c',
        `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _berth; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        'berth',
        ...words,
      ]);
    expect(await press('st')).toBe('stop\nstart\nstartup\n');
    await eventually(() => press('show', '')).toBe('demo\n');
    await eventually(() => press('start', 'demo', '-p', 'size', '=', 'l')).toBe('large\n');
    await eventually(() => press('start', 'demo', '-p', 'no')).toBe('note=\n');
    expect(await runInShell('bash', ['-c', 'source ./bash; complete -p berth'])).toBe('complete -F _berth berth\n');
  });

  test.runIf(hasShell('zsh'))('zsh', async () => {
    // zsh in a pseudo-terminal; after Tab, its command line is read back.
    const script = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      send() { zpty -w z "$1" }
      send 'PROMPT=; autoload -Uz compinit; compinit -D -u; source ./zsh; bindkey "^I" complete-word'
      send 'show() { print -r -- "LINE=$BUFFER="; zle kill-whole-line }; zle -N show; bindkey "^X" show; print READY=$((1 + 1))'
      zpty -r z line '*READY=2*'
      zpty -w -n z $'berth sho\\t\\t\\x18'
      zpty -r z line '*LINE=*=*'; print -r -- "$line"
      zpty -d z`;
    await eventually(() => runInShell('zsh', ['-f', '-c', script])).toMatch(/LINE=berth show demo *=/);
  });

  test.runIf(hasShell('fish'))('fish', async () => {
    const press = (line: string) => runInShell('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`]);
    expect(await press('berth st')).toMatch(/^start\tStart a workspace.*\nstartup\t.*\nstop\tStop a workspace.*\n$/);
    await eventually(() => press('berth open demo ')).toBe('web\tMy page\n');
    expect(await press('berth template lint te')).toContain('templates/');
  });
});
