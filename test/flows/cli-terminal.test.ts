import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPty } from '../../agent/pty.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../support/berth.ts';
import { program } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const slow = `
name: slow
compute: { kind: process }
agent: { startup: sleep 600 }
`;

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, slow })] });
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const [ctrlC, ctrlD] = ['\u0003', '\u0004'];

/** Runs `berth` on a terminal of its own, where `keys` are pressed once `prompt` stands there. */
const atTerminal = async (args: string[], prompt: string, keys: string): Promise<{ code: number; screen: string }> => {
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
  await expect.poll(() => screen, { timeout: 10_000 }).toContain(prompt);
  terminal.write(Buffer.from(keys));
  return { code: await ended, screen };
};

test.each(['n\r', ctrlC, ctrlD])('a question answered by %j leaves the workspace be', async (keys) => {
  const { code, screen } = await atTerminal(['rm', 'demo'], '[y/N] ', keys);
  expect(code).toBe(1);
  expect(screen).toMatch(/\[y\/N\] [^\n]*\r?\n\s*berth: demo was not deleted\.\r\n$/);
  expect((await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } })).desired).toBe('running');
});

test('a token that is pasted is not shown', async () => {
  const token = berth.tokenOf('ada');
  const { code, screen } = await atTerminal(['login', berth.url, '--token'], 'press Enter: ', `${token}\r`);
  expect(screen).toContain(`You are signed in at ${berth.url} as ada.`);
  expect(code).toBe(0);
  expect(screen).not.toContain(token.slice(-8));
});

test('who leaves the question for a token is told what to do', async () => {
  const { code, screen } = await atTerminal(['login', berth.url, '--token'], 'press Enter: ', ctrlC);
  expect(code).toBe(2);
  expect(screen).toContain('There is no token on stdin.');
});

test('who leaves by Ctrl-C what is waited for is told that it goes on', async () => {
  const { screen } = await atTerminal(['create', 'long', '-t', 'slow', '--wait'], 'Creating long', ctrlC);
  expect(screen).toContain('Berth goes on without you. See how it went with: berth show long');
  expect((await berth.as('ada').getWorkspace({ params: { workspace: 'long' } })).desired).toBe('running');
});
