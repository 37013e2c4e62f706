import { describe, expect, test } from 'vitest';
import type { Share } from '../../../contracts/workspaces/sharing.ts';
import { runCli } from '../../support/clients/cli.ts';
import { sharingSuite, web } from './sharing-suite.ts';

const suite = sharingSuite();
const { shares } = suite;

describe('the share commands', () => {
  const cli = (person: 'ada' | 'linus', ...words: string[]) =>
    runCli(words, { BERTH_URL: suite.berth.url, BERTH_TOKEN: suite.berth.tokenOf(person) });

  test('share, list, open by full name, and revoke', async () => {
    const added = await cli('ada', 'share', 'add', 'demo', '--workspace', '--with', 'linus', '--expires', '7d');
    expect(added).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Shared the workspace with linus until \d{4}-/),
    });
    const app = JSON.parse(
      (await cli('ada', 'share', 'add', 'demo', '--app', 'web', '--everyone', '--json')).out,
    ) as Share;
    expect(app).toMatchObject({ what: web, with: { kind: 'everyone' }, url: suite.demo.apps[0]?.url });
    const table = (await cli('ada', 'share', 'ls', 'demo')).out;
    expect(table).toMatch(/ID +SHARED +WITH[\s\S]*the workspace +linus[\s\S]*app web +everyone/);
    expect((await cli('linus', 'ls', '--shared')).out).toMatch(
      /ada\/demo +running +the workspace\nada\/demo +running +web +http/,
    );
    expect((await cli('linus', 'show', 'ada/demo')).out).toContain(suite.demo.id);
    expect((await cli('linus', 'exec', 'ada/demo', '--', 'echo', 'hello')).out).toBe('hello\n');
    expect(await cli('ada', 'share', 'rm', 'demo', app.id)).toMatchObject({ code: 0 });
    expect(await shares()).toHaveLength(1);
  });

  test('require exactly one target and one audience', async () => {
    const add = (...words: string[]) => cli('ada', 'share', 'add', 'demo', ...words);
    for (const words of [['--everyone'], ['--app', 'web'], ['--app', 'web', '--workspace', '--everyone']]) {
      expect(await add(...words), words.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^berth: Specify /),
      });
    }
    expect(await shares()).toEqual([]);
  });
});
