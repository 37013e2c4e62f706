import { describe, expect, test } from 'vitest';
import { cliSuite } from './suite.ts';

const { json, runBerth } = cliSuite();

describe('the life of a workspace in the command line', () => {
  test('it is created, shown, extended, restarted, stopped, started with another parameter, and deleted', async () => {
    const created = await runBerth(
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

    expect((await runBerth('ls')).out).toMatch(
      /NAME +STATUS +TEMPLATE +STOPS\ndemo +running +hello@1 +in (1h 59m|2h 0m)\n/,
    );
    expect((await runBerth('show', 'demo')).out).toMatch(
      /running[\s\S]*Template +hello version 1[\s\S]*-p greeting +ahoy/,
    );

    expect((await runBerth('builds', 'demo')).out).toMatch(/^BUILD[\s\S]*\n1 +start +succeeded +person, ada +1 /);
    const logs = await runBerth('logs', 'demo', '-f');
    expect(logs).toMatchObject({ code: 0, out: 'ahoy\ngit\nmake\n' });

    expect((await runBerth('extend', 'demo', '3h')).out).toMatch(/^demo stops in 2h 59m|^demo stops in 3h 0m/);
    expect((await runBerth('start', 'demo')).out).toMatch(/^demo is running\./);
    expect((await json('show', 'demo')).build.number).toBe(1);
    expect((await runBerth('restart', 'demo', '--wait')).out).toMatch(/^demo is running\./);
    expect(await json('show', 'demo')).toMatchObject({ build: { number: 3 }, parameters: { greeting: 'ahoy' } });
    for (const options of [['--wait'], []]) {
      expect(await runBerth('stop', 'demo', ...options)).toMatchObject({
        code: 0,
        out: 'demo is stopped. Its home is kept.\n',
      });
    }
    expect((await runBerth('logs', 'demo')).out).toContain('ahoy');
    expect((await runBerth('start', 'demo', '-p', 'greeting=again', '--wait')).code).toBe(0);
    expect((await json('show', 'demo')).parameters).toMatchObject({ greeting: 'again', tools: ['git', 'make'] });

    const unconfirmed = await runBerth('delete', 'demo');
    expect(unconfirmed).toMatchObject({ code: 2, err: expect.stringContaining('Add --yes') });
    expect(await runBerth('rm', 'demo', '--yes', '--wait')).toMatchObject({ code: 0, out: 'demo is deleted.\n' });
    expect(await json('list')).toEqual([]);
  });

  test('it gets an autostart schedule, which is shown and turned off', async () => {
    expect((await runBerth('create', 'early', '-t', 'hello', '--wait')).code).toBe(0);
    expect(await runBerth('autostart', 'early')).toMatchObject({ code: 0, out: 'early has no autostart schedule.\n' });
    const schedule = ['--days', 'mon-fri', '--at', '8:30', '--time-zone', 'Asia/Kolkata'];
    const set = await runBerth('autostart', 'early', ...schedule);
    expect(set).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^early starts mon-fri at 08:30 Asia\/Kolkata, next at \d{4}-\d\d-\d\d \d\d:\d\d\.\n$/,
      ),
    });
    expect((await runBerth('autostart', 'early')).out).toBe(set.out);
    expect((await runBerth('show', 'early')).out).toMatch(/Starts +mon-fri at 08:30 Asia\/Kolkata, next at/);
    expect((await json('show', 'early')).autostart).toMatchObject({ at: '08:30', timeZone: 'Asia/Kolkata' });
    expect(await runBerth('autostart', 'early', '--off')).toMatchObject({
      code: 0,
      out: 'early has no autostart schedule.\n',
    });
    expect((await runBerth('show', 'early')).out).not.toContain('Starts');
    expect((await runBerth('rm', 'early', '-y', '--wait')).code).toBe(0);
  });

  test('a failed build prints its error and the end of its log, and the exit code is 5', async () => {
    const failed = await runBerth('create', 'bad', '-t', 'broken', '-p', 'size=3', '--wait');
    expect(failed).toMatchObject({ code: 5, out: '' });
    expect(failed.err).toMatch(/✗[\s\S]*│ about to fail[\s\S]*berth: .*exit code 7/);

    const asJson = await runBerth('start', 'bad', '--wait', '--json');
    expect(asJson.code).toBe(5);
    expect(JSON.parse(asJson.err)).toMatchObject({ type: expect.stringMatching(/startup_failed$/) });
    expect((await runBerth('rm', 'bad', '-y', '--wait')).code).toBe(0);
  });

  test('wrong parameters are refused before anything is created', async () => {
    const missing = await runBerth('create', 'bad', '-t', 'broken');
    expect(missing).toMatchObject({ code: 2, err: 'berth: size is required: add -p size=…\n' });
    const wrong = await runBerth('create', 'bad', '-t', 'broken', '-p', 'size=big');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('size must be a number') });
    expect(await json('ls')).toEqual([]);
  });
});
