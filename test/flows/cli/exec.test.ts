import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenCli } from '../../support/clients/cli.ts';
import { cliSuite } from './suite.ts';

const { environment, run, runBerth } = cliSuite();
const startCli = (args: string[]) => givenCli(args, environment());

describe('exec', () => {
  beforeAll(async () => {
    expect((await runBerth('create', 'box', '--template', 'hello', '--wait')).code).toBe(0);
  });

  test('passes arguments, stdout, stderr and the exit code through', async () => {
    const ended = await runBerth(
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

  test('transfers large input and output unchanged', async () => {
    const input = Buffer.alloc(8_000_000, 'berth 0123456789\n');
    const { code, out } = await run(['exec', 'box', '--', 'cat'], { input });
    expect(code).toBe(0);
    expect(out === input.toString()).toBe(true);
  });

  test('ends with the command, even while stdin stays open', async () => {
    const child = startCli(['exec', 'box', '--', 'true']);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('forwards Ctrl-C to the command', async () => {
    const child = startCli([
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

  test('a command that does not exist ends with 127 and an error message', async () => {
    const ended = await runBerth('exec', 'box', '--', 'no-such-command');
    expect(ended).toMatchObject({ code: 127, err: expect.stringContaining('no-such-command: command not found') });
  });

  test('the error about a stopped workspace names the command that starts it', async () => {
    expect((await runBerth('create', 'rest', '-t', 'hello', '--wait')).code).toBe(0);
    expect((await runBerth('stop', 'rest', '--wait')).code).toBe(0);
    expect(await runBerth('exec', 'rest', '--', 'true')).toMatchObject({
      code: 1,
      err: 'berth: The workspace rest is stopped. Start it first. Run: berth start rest --wait\n',
    });
    expect((await runBerth('rm', 'rest', '-y', '--wait')).code).toBe(0);
  });

  test('refusals have the same exit codes as in other commands', async () => {
    expect(await runBerth('exec', 'nowhere', '--', 'true')).toMatchObject({ code: 4 });
    expect(await run(['exec', 'box', '--', 'true'], { env: { BERTH_TOKEN: 'berth_wrong' } })).toMatchObject({
      code: 3,
    });
  });
});
