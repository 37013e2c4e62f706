import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { optional } from '../../requirements.ts';
import { scriptTemplate } from '../../support/apps/script-template.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { deliveredAudit } from '../../support/checks/audit-chains.ts';
import { appHosts } from '../../support/clients/app-hosts.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { cli, ended, givenMachine, isInstalled, type Machine } from '../../support/clients/ssh.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

/** Fails until the home is repaired, although its app has started. */
const repairable = scriptTemplate(
  'repairable',
  "require('node:http').createServer((_, s) => s.end('up')).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');",
  {
    run: `"$BERTH_NODE" app.cjs >/dev/null 2>&1 &
if [ ! -e repaired ]; then echo "no such database" >&2; exit 3; fi
echo well`,
    apps: '[{ name: web, health: { every: 1s } }]',
  },
);
/** Its app responds only some time after the script has ended. */
const slowApp = scriptTemplate(
  'slow-app',
  `setTimeout(() => {
  require('node:http').createServer((_, s) => s.end('up')).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
}, 2_000);`,
  { apps: '[{ name: web, health: { every: 1s } }]' },
);
const hangs = `
name: hangs
compute: { kind: process }
agent: { startupTimeout: 5s, startup: "echo waiting; sleep 603 & sleep 604" }
`;

let berth: TestBerth;
let machine: Machine;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ repairable, hangs, 'slow-app': slowApp })] });
  machine = givenMachine(berth);
});
afterAll(() => berth.end());

const seen = (workspace: string) => berth.as('ada').getWorkspace({ params: { workspace } });
const create = async (name: string, template = name): Promise<Workspace> => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name, template } });
  return untilStatus(berth.as('ada'), id, 'running');
};
const homeOf = ({ id }: Workspace) => join(berth.dataDir, 'homes', id);
const stepsOf = async (workspace: string) =>
  (await berth.as('ada').getBuild({ params: { workspace, build: 1 } })).steps
    .filter(({ name }) => !name.startsWith('app-'))
    .map(({ name, status }) => `${name} ${status}`);
const auditActionsOf = (id: string) => (deliveredAudit(berth.dataDir).get(id) ?? []).map(({ action }) => action);
const runAgain = (workspace: string) => berth.as('ada').runStartup({ params: { workspace } });
const runBerth = (...args: string[]) => ended(machine.run(process.execPath, [cli, ...args]), '');

test('a workspace whose startup script fails runs, is unhealthy with a reason, and is open to its owner', async () => {
  const workspace = await create('demo', 'repairable');
  expect(workspace.unhealthy).toMatchObject({
    error: 'startup_failed',
    message: expect.stringContaining('no such database'),
    action: expect.stringContaining('run the script again'),
  });
  expect(workspace).toMatchObject({ agent: { status: 'start_error' }, stop: { reason: 'idle' } });
  expect(workspace.home).toBe(homeOf(workspace));
  expect(await berth.as('ada').getBuild({ params: { workspace: 'demo', build: 1 } })).toMatchObject({
    status: 'succeeded',
  });
  expect(await stepsOf('demo')).toEqual(['compute succeeded', 'agent succeeded', 'startup failed']);

  const exec = await givenExec(berth, 'demo', ['echo', 'inside']);
  expect(await exec.exit).toBe(0);
  expect(exec.output()).toBe('inside\n');
  await expect.poll(async () => (await seen('demo')).apps[0]?.health).toBe('healthy');
  const apps = appHosts(berth);
  const { host, cookie } = await apps.signIn('ada', 'demo', { for: 'app', app: 'web' });
  expect((await apps.send(host, '/', { cookie })).body).toBe('up');
  await expect.poll(() => auditActionsOf(workspace.id)).toContain('workspace.unhealthy');
});

test.runIf(optional('SSH to an unhealthy workspace', isInstalled('ssh'), 'Install Debian’s openssh-client.'))(
  'an unhealthy workspace accepts SSH',
  async () => {
    const inside = await ended(machine.ssh('demo.berth', 'echo "$BERTH_WORKSPACE_NAME"; ls'), '');
    expect(inside).toMatchObject({ code: 0, out: expect.stringMatching(/^demo\n(.*\n)*app\.cjs\n/) });
  },
);

test('the owner repairs a workspace and runs the script again without a restart', async () => {
  const workspace = await seen('demo');
  const again = await runAgain('demo');
  expect(again.unhealthy?.error).toBe('startup_failed');
  await expect.poll(() => stepsOf('demo')).toContain('startup failed');
  expect((await seen('demo')).unhealthy).toBeDefined();

  writeFileSync(join(homeOf(workspace), 'repaired'), '');
  await runAgain('demo');
  await expect.poll(async () => (await seen('demo')).unhealthy).toBeUndefined();
  expect(await seen('demo')).toMatchObject({ status: 'running', build: { number: 1 }, agent: { status: 'ready' } });
  expect(await stepsOf('demo')).toContain('startup succeeded');
  const scriptActions = () => auditActionsOf(workspace.id).filter((action) => /startup|healthy/.test(action));
  const [first, second] = [
    ['workspace.startup', 'workspace.unhealthy'],
    ['workspace.startup', 'workspace.healthy'],
  ];
  await expect.poll(scriptActions).toEqual(['workspace.unhealthy', ...first, ...second]);
  await expect(runAgain('demo')).rejects.toMatchObject({ problem: { status: 409 } });
});

test('a restart with a failing script is unhealthy again, and another person may not run the script', async () => {
  rmSync(join(homeOf(await seen('demo')), 'repaired'));
  await berth.as('ada').startWorkspace({ params: { workspace: 'demo' }, body: { parameters: {} } });
  const { id } = await untilStatus(berth.as('ada'), (await seen('demo')).id, 'running');
  expect((await seen(id)).unhealthy).toBeDefined();
  const linus = berth.as('linus').runStartup({ params: { workspace: id } });
  await expect(linus).rejects.toMatchObject({ problem: { status: 404 } });
});

test('the command line shows the reason, runs the script again, and exits with 5 while it fails', async () => {
  expect((await runBerth('ls')).out).toContain('running (unhealthy)');
  expect((await runBerth('show', 'demo')).out).toContain('no such database');
  const failed = await runBerth('startup', 'demo', '--wait');
  expect(failed).toMatchObject({ code: 5, err: expect.stringContaining('no such database') });
  writeFileSync(join(homeOf(await seen('demo')), 'repaired'), '');
  expect(await runBerth('startup', 'demo', '--wait')).toMatchObject({ code: 0 });
  const created = await runBerth('create', 'second', '--template', 'repairable', '--wait');
  expect(created).toMatchObject({ code: 5, err: expect.stringContaining('no such database') });
}, 60_000);

test('--wait waits until the apps are healthy, and shows that their steps succeeded', async () => {
  const created = await runBerth('create', 'late', '--template', 'slow-app', '--wait', '--json');
  expect(created).toMatchObject({ code: 0 });
  expect(JSON.parse(created.out).apps).toMatchObject([{ name: 'web', health: 'healthy' }]);
  await runBerth('stop', 'late', '--wait');
  const started = await runBerth('start', 'late', '--wait');
  expect(started).toMatchObject({ code: 0, err: expect.stringMatching(/… App web.*\n {2}✓ App web /s) });
}, 60_000);

test('a script that takes too long is killed with its processes, and the workspace runs', async () => {
  const workspace = await create('hangs');
  expect(workspace.unhealthy?.error).toBe('startup_timeout');
  const sleeping = () =>
    workspaceProcesses(berth.dataDir).filter((process) => process.workspace === workspace.id).length;
  await expect.poll(sleeping).toBe(1);
  // A command that waits for another run reports that it was interrupted.
  const waiting = runBerth('startup', 'hangs', '--wait');
  await expect.poll(() => stepsOf('hangs')).toContain('startup running');
  await berth.as('ada').stopWorkspace({ params: { workspace: 'hangs' } });
  expect((await untilStatus(berth.as('ada'), workspace.id, 'stopped')).unhealthy).toBeUndefined();
  expect(await waiting).toMatchObject({ code: 1, err: expect.stringContaining('was stopped or restarted before') });
});
