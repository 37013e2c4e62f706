import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPty } from '../../../agent/processes/pty.ts';
import { PtyInput } from '../../../agent/processes/pty-input.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { program } from '../../support/clients/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const slow = `
name: slow
compute: { kind: process }
agent: { startup: sleep 600 }
`;

const sized = `
name: sized
parameters: [{ name: size, type: number, displayName: Size }]
compute: { kind: process }
`;

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, sized, slow })] });
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const [ctrlC, ctrlD] = ['\u0003', '\u0004'];

/** Runs `berth` in a pseudo-terminal, and types the keys for each prompt when it appears. */
const atTerminal = async (
  args: string[],
  ...dialogue: [prompt: string, keys: string][]
): Promise<{ code: number; screen: string }> => {
  const home = temporaryFolder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, BERTH_URL: berth.url };
  const token = args[0] === 'login' ? {} : { BERTH_TOKEN: berth.tokenOf('ada') };
  const terminal = loadPty().spawn(process.execPath, [program, ...args], {
    name: 'xterm',
    cols: 80,
    rows: 24,
    cwd: home,
    env: { ...env, ...token },
    encoding: null,
  });
  let screen = '';
  terminal.onData((bytes) => {
    screen += bytes.toString('utf8');
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  const input = new PtyInput(terminal, () => {});
  for (const [prompt, keys] of dialogue) {
    await expect.poll(() => screen, { timeout: 60_000 }).toContain(prompt);
    input.write(Buffer.from(keys));
  }
  return { code: await ended, screen };
};

test.each(['n\r', ctrlC, ctrlD])('the confirmation answered with %j does not delete the workspace', async (keys) => {
  const { code, screen } = await atTerminal(['rm', 'demo'], ['[y/N] ', keys]);
  expect(code).toBe(1);
  expect(screen).toMatch(/\[y\/N\] [^\n]*\r?\n\s*berth: ada\/demo was not deleted\.\r\n$/);
  expect((await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } })).desired).toBe('running');
});

test('for a workspace that does not exist there is no confirmation, but a suggestion of the right name', async () => {
  const { code, screen } = await atTerminal(['rm', 'dmeo']);
  expect(code).toBe(4);
  expect(screen).toMatch(/There is no workspace "dmeo"[\s\S]* Did you mean demo\?\r\n$/);
  expect(screen).not.toContain('[y/N]');
});

test('a command prompts for missing arguments and lists the choices', async () => {
  const { code, screen } = await atTerminal(
    ['create'],
    ['Name: ', 'prompted\r'],
    ['Template (', 'sized\r'],
    ['Size: ', '3\r'],
  );
  expect(screen).toMatch(/Name: [\s\S]*Template \(plain, sized, slow\): [\s\S]*Size: /);
  expect(code, screen).toBe(0);
  expect(await berth.as('ada').getWorkspace({ params: { workspace: 'prompted' } })).toMatchObject({
    template: { name: 'sized' },
    parameters: { size: 3 },
  });
});

test.each([
  [['rm', 'demo', '--json'], 'ada/demo was not deleted, because there is no prompt with --json. Add --yes'],
  [['create', '--json'], 'Missing <name> and --template <template>.'],
])('%j does not prompt at a terminal, and its output is JSON only', async (args, detail) => {
  const { code, screen } = await atTerminal(args);
  expect(code).toBe(2);
  expect(JSON.parse(screen)).toMatchObject({ detail: expect.stringContaining(detail) });
  expect((await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } })).desired).toBe('running');
});

test('a pasted token is not echoed', async () => {
  const token = berth.tokenOf('ada');
  const { code, screen } = await atTerminal(['login', berth.url, '--token'], ['press Enter: ', `${token}\r`]);
  expect(screen).toContain(`You are signed in to ${berth.url} as ada.`);
  expect(code).toBe(0);
  expect(screen).not.toContain(token.slice(-8));
});

test('Ctrl-C at the prompt for a token ends with an error', async () => {
  const { code, screen } = await atTerminal(['login', berth.url, '--token'], ['press Enter: ', ctrlC]);
  expect(code).toBe(2);
  expect(screen).toContain('There is no valid token on stdin.');
});

test('Ctrl-C while waiting prints that the build continues', async () => {
  const { screen } = await atTerminal(['create', 'long', '-t', 'slow', '--wait'], ['Creating long', ctrlC]);
  expect(screen).toContain('The build continues. Check its status with: berth show long');
  expect((await berth.as('ada').getWorkspace({ params: { workspace: 'long' } })).desired).toBe('running');
});
