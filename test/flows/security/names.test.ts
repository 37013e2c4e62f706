import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppName, parseAppLabel, WorkspaceName } from '../../../contracts/values/names.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { runCli } from '../../support/clients/cli.ts';
import { givenExec } from '../../support/clients/exec.ts';

/** Text that a terminal, a page, a shell or a configuration file would interpret. */
const title = '\u001b]0;owned\u0007';
const controls = `${title}\u001b[2J\u009b1A\u202etxt.exe\u2028`;
const markup = '<img src=x onerror=alert(1)><script>alert(1)</script>';
const shell = '$(touch owned); `touch owned`; ${PATH}; "; touch owned; \'; touch owned #';

const hostile = JSON.stringify({
  name: 'hostile',
  displayName: `${controls}${markup}`.slice(0, 60),
  description: `${controls}${markup}${shell}`,
  parameters: [
    { name: 'greeting', type: 'string', default: 'hi', displayName: controls, description: markup, multiline: true },
  ],
  compute: { kind: 'process' },
  agent: {
    startup: 'printf %s "$BERTH_PARAM_GREETING" > greeting; printf "\\033]0;owned\\007\\033[31mred\\r%s\\n" "<b>"',
  },
  apps: [{ name: 'web', displayName: `${title}web`, port: 9 }],
});

const failing = `
name: failing
compute: { kind: process }
agent:
  startup: |
    printf '\\033]0;owned\\007last words\\033[2J\\n'
    exit 3
`;

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ plain: plainTemplate, hostile, failing })] });
  await berth
    .as('ada')
    .createWorkspace({ body: { name: 'demo', template: 'hostile', parameters: { greeting: shell } } });
  await berth.as('ada').createWorkspace({ body: { name: 'broken', template: 'failing' } });
  await untilStatus(berth.as('ada'), 'demo', 'running');
  const broken = await untilStatus(berth.as('ada'), 'broken', 'running');
  expect(broken.unhealthy?.message).toContain('last words');
});
afterAll(() => berth.end());

const oddNames = [
  'a\nHost evil',
  'a\r\nProxyCommand touch owned',
  'a;touch owned',
  '$(touch owned)',
  '`touch owned`',
  'a|b',
  '-oProxyCommand=x',
  '--help',
  '../demo',
  'a/b',
  'a b',
  'a%0ab',
  'a\u0000',
  'a\u001b[2J',
  'a\u202eb',
  '<b>a</b>',
  'аda',
  'ａda',
  'demo.',
  'Demo',
  'xn--80a',
  '',
];

describe('a name', () => {
  test.each(oddNames)('is invalid for a workspace: %j', async (name) => {
    const body = { name, template: 'plain' };
    await expect(berth.as('ada').createWorkspace({ body })).rejects.toMatchObject({ problem: { status: 400 } });
    expect(WorkspaceName.safeParse(name).success).toBe(false);
  });

  test.each(oddNames)('is invalid for an app, a parameter or a template: %j', async (name) => {
    const file = (fields: object) => JSON.stringify({ name: 'odd', compute: { kind: 'process' }, ...fields });
    const parameter = { name, type: 'string', default: '' };
    for (const fields of [{ apps: [{ name }] }, { parameters: [parameter] }, { agent: { env: { [name]: 'x' } } }]) {
      if (name === 'Demo' && 'agent' in fields) continue;
      const publish = berth.as('grace').publishTemplate({ params: { template: 'odd' }, body: { file: file(fields) } });
      await expect(publish, JSON.stringify(fields)).rejects.toMatchObject({ error: 'invalid_template' });
    }
    const named = { params: { template: name === '' ? ' ' : name }, body: { file: file({ name }) } };
    await expect(berth.as('grace').publishTemplate(named)).rejects.toThrow();
  });

  test('is never mistaken for one that looks alike', () => {
    for (const label of [
      'web--demo--xn--80a',
      'xn--demo--ada',
      'web--demo--аda',
      'web--demo--ada.',
      'web--demo-‐ada',
    ]) {
      expect(parseAppLabel(label), label).toBeUndefined();
    }
    expect(AppName.safeParse('xn').success).toBe(false);
  });
});

describe('text of people and workspaces', () => {
  const env = () => ({ BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });
  const control = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

  test.each([
    ['ls'],
    ['templates'],
    ['show', 'demo'],
    ['show', 'broken'],
    ['logs', 'demo'],
    ['logs', 'broken'],
    ['start', 'broken', '--wait'],
    ['startup', 'broken'],
    ['create', 'other', '-t', controls],
    ['create', controls, '-t', 'hostile'],
    ['show', controls],
    ['rm', markup, '--yes'],
    ['tokens'],
  ])('does not control the terminal: berth %s %s', async (...args) => {
    const { out, err } = await runCli(args, env());
    expect(out + err).not.toBe('');
    expect(out + err).not.toMatch(control);
  });

  test('is not interpreted by a workspace’s scripts', async () => {
    const exec = await givenExec(berth, 'demo', ['sh', '-c', 'cat greeting; ls']);
    expect(await exec.exit).toBe(0);
    expect(exec.output()).toContain(shell);
    expect(exec.output()).not.toMatch(/^owned$/m);
  });

  test('is refused as a parameter when it contains control characters', async () => {
    const parameters = { greeting: `a${controls}` };
    const start = berth.as('ada').createWorkspace({ body: { name: 'third', template: 'hostile', parameters } });
    await expect(start).rejects.toMatchObject({ problem: { status: 422, field: 'parameters.greeting' } });
  });
});
