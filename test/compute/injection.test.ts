import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Berth, cleanUp, givenBerth, logOf, statusOf, stepOf } from '../../gateway/testing/harness.ts';
import { optional } from '../requirements.ts';
import { assemble, canInject, givenImage, hasMusl, type Image, runIn } from './injected.ts';
import {
  type AgentContainer,
  agentCommand,
  execIn,
  expectUsableWorkspace,
  givenWorkspaceIn,
  openSession,
  type WorkspaceSetup,
} from './injected-workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const canRun = optional(
  'the agent in any image',
  canInject(),
  'Needs Linux with user namespaces; install busybox-static and patchelf.',
);
const canRunMusl = canRun && optional('the agent in an image with musl', hasMusl(), 'Install musl.');

let agent: string;
beforeAll(async () => {
  if (canRun) agent = await assemble();
});

let berth: Berth;
beforeEach(async () => {
  berth = await givenBerth();
});
afterEach(cleanUp);

interface Setup extends WorkspaceSetup {
  user?: number;
  readOnly?: boolean;
}

/** A workspace whose agent runs in a container of the image, with the pod's command. */
const givenAgentIn = async (image: Image, { user, readOnly, ...setup }: Setup = {}) => {
  const root = givenImage(image);
  const run = (env: Record<string, string>): AgentContainer => {
    const { child, output, ended } = runIn(root, agent, agentCommand, {
      ...(user === undefined ? {} : { user }),
      ...(readOnly === undefined ? {} : { readOnly }),
      env,
    });
    const end = async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(root, { recursive: true, force: true });
    };
    return { output, end };
  };
  await givenWorkspaceIn(berth, run, setup);
};
const session = (kind: 'terminal' | 'exec', start?: Parameters<typeof openSession>[2]) =>
  openSession(berth, kind, start);
const exec = (...command: string[]) => execIn(berth, ...command);

describe.runIf(canRun)('an image with only a static shell', () => {
  it('runs startup script, commands and terminals', async () => {
    const startup = 'echo "here is $(id -u)"; echo made > made';
    await givenAgentIn({ shell: true }, { manifest: { startup } });
    await expectUsableWorkspace(berth);
    expect(logOf(berth, 'startup')).toBe('here is 0\n');
    expect(await exec('cat', '/home/berth/made')).toBe('made');
    // The agent must not create folders in the root.
    expect(await exec('ls', '/')).not.toContain('tmp');
  });

  it('works with a read-only root and a user without an account, if home and run are volumes', async () => {
    const folders = ['home/berth', 'run/berth'];
    const setup = { user: 4_711, readOnly: true, env: { BERTH_AGENT_DIR: '/run/berth' } };
    await givenAgentIn({ shell: true, folders }, { ...setup, manifest: { startup: 'id -u' } });
    await expectUsableWorkspace(berth);
    expect(logOf(berth, 'startup')).toBe('4711\n');
  });

  it('starts without the git key if it cannot write it, and reports that', async () => {
    const setup = { user: 4_711, readOnly: true, env: { BERTH_AGENT_DIR: '/nowhere' } };
    await givenAgentIn({ shell: true, folders: ['home/berth'] }, { ...setup, manifest: { git: { name: 'Ada' } } });
    expect(stepOf(berth, 'git')).toMatchObject({ status: 'failed', message: expect.stringContaining('/nowhere') });
  });
});

describe.runIf(canRunMusl)('an image with musl as its only C library', () => {
  it('runs the agent with its own libraries, and programs of the image with musl', async () => {
    await givenAgentIn({ shell: true, musl: true });
    await expectUsableWorkspace(berth);
    const loaded =
      'console.log(process.report.getReport().sharedObjects.filter((path) => path.startsWith("/")).join())';
    const libraries = (await exec('/berth/bin/node', '-e', loaded)).split(',');
    expect(libraries.filter((path) => !path.startsWith('/berth/'))).toEqual([]);
    expect(await exec('/lib/ld-musl-x86_64.so.1', '--version')).toMatch(/musl libc/);
  });
});

describe.runIf(canRun)('an empty image', () => {
  it('runs programs from the agent’s folder, and reports that terminals need a shell', async () => {
    await givenAgentIn({});
    expect(await exec('/berth/bin/node', '-p', '40 + 2')).toBe('42');
    const terminal = await session('terminal');
    await terminal.error().toMatch(/no shell.*berth exec/);
    const shell = await session('exec');
    await shell.error().toMatch(/no shell.*berth exec/);
    const named = await session('terminal', { command: ['/berth/bin/node', '-p', 'process.stdout.isTTY'] });
    await named.exit().toBe(0);
    expect(named.output()).toContain('true');
  });

  it('fails a start with a startup script with the message that there is no shell', async () => {
    await givenAgentIn({}, { manifest: { startup: 'echo hello' }, becomes: 'start_error' });
    expect(statusOf(berth)?.message).toContain('no /bin/sh');
  });
});

it('contains the version of code-server that the template installs', () => {
  const versionIn = (file: string) => /version ?= ?'?([0-9.]+)/.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  expect(versionIn('agent/image/code-server.ts')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(versionIn('agent/image/code-server.ts')).toBe(versionIn('templates/vscode/template.yaml'));
});

it.runIf(canRun)('the init container’s command copies the whole folder', async () => {
  const image = givenImage({ folders: ['target'] });
  const { ended, output } = runIn(image, agent, ['/berth/bin/node', '/berth/install.cjs', '/target']);
  expect(await ended, await output).toBe(0);
  const copy = runIn(image, join(image, 'target'), ['/berth/bin/node', '-p', '40 + 2']);
  expect(await copy.output).toBe('42\n');
  rmSync(image, { recursive: true });
});
