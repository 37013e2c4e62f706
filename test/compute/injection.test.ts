import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../contracts/agent.ts';
import { channel, type SessionReply, type SessionRequest, sessionPath } from '../../contracts/session.ts';
import { atEnd, type Berth, cleanUp, givenBerth, logOf, open, statusOf, stepOf } from '../../gateway/test-harness.ts';
import { oneTimeTokenOf, type TestWorkspace } from '../../gateway/test-rules.ts';
import { optional } from '../requirements.ts';
import { assemble, canInject, givenImage, hasMusl, type Image, runIn } from './injected.ts';

const root = join(import.meta.dirname, '..', '..');
const canRun = optional(
  'the agent in images of any kind',
  canInject(),
  'Needs Linux with user namespaces; install busybox-static and patchelf.',
);
const canRunMusl = canRun && optional('the agent beside musl', hasMusl(), 'Install musl.');

let agent: string;
beforeAll(async () => {
  if (canRun) agent = await assemble();
});

let berth: Berth;
beforeEach(async () => {
  berth = await givenBerth();
  berth.rules.bearers.set('token-of-ada', 'ada');
});
afterEach(cleanUp);

interface Setup {
  user?: number;
  readOnly?: boolean;
  home?: string;
  manifest?: Partial<Manifest>;
  env?: Record<string, string>;
  /** What its start ends in. */
  becomes?: 'ready' | 'start_error';
}

/** A workspace whose agent runs in a container of the image, as the pod's command would have it. */
const givenAgentIn = async (
  image: Image,
  { user, readOnly, home = '/home/berth', becomes = 'ready', ...setup }: Setup = {},
) => {
  const root = givenImage(image);
  const known: TestWorkspace = {
    id: 'ws-00000000000000000000000001',
    name: 'demo',
    owner: 'ada',
    token: 'agent-token',
    status: 'running',
    over: false,
    manifest: {
      workspace: { id: 'ws-1', name: 'demo', owner: 'ada' },
      build: 'build-1',
      startup: '',
      startupTimeoutMs: 20_000,
      env: {},
      dotfiles: '',
      apps: [],
      ...setup.manifest,
    },
  };
  berth.rules.workspaces.push(known);
  const env = {
    HOME: home,
    BERTH_WORKSPACE_ID: known.id,
    BERTH_AGENT_TOKEN: oneTimeTokenOf(known),
    BERTH_GATEWAY_URL: `http://127.0.0.1:${berth.port}`,
    ...setup.env,
  };
  const container = runIn(root, agent, ['/berth/bin/node', '/berth/agent.cjs'], {
    ...(user === undefined ? {} : { user }),
    ...(readOnly === undefined ? {} : { readOnly }),
    env,
  });
  atEnd(async () => {
    container.child.kill('SIGKILL');
    await container.ended;
    rmSync(root, { recursive: true, force: true });
  });
  const gone = container.said.then((said) => Promise.reject(new Error(`the agent ended: ${said}`)));
  await Promise.race([expect.poll(() => statusOf(berth)?.status, { timeout: 15_000 }).toBe(becomes), gone]);
  return { ...container, root };
};

const session = async (kind: 'terminal' | 'exec', start: Omit<SessionRequest & { type: 'start' }, 'type'> = {}) => {
  const opened = await open(berth, berth.domain, sessionPath('demo', kind), { authorization: 'Bearer token-of-ada' });
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.body}`);
  const { socket } = opened;
  let output = '';
  const replies: SessionReply[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) output += data.subarray(1).toString();
    else replies.push(JSON.parse(data.toString()));
  });
  socket.send(JSON.stringify({ type: 'start', ...start }));
  const replyOf = <T extends SessionReply['type']>(type: T) =>
    replies.find((reply): reply is Extract<SessionReply, { type: T }> => reply.type === type);
  return {
    output: () => output,
    type: (text: string) => socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(text)])),
    exit: () => expect.poll(() => replyOf('exit')?.code),
    error: () => expect.poll(() => replyOf('error')?.message),
  };
};
const exec = async (...command: string[]): Promise<string> => {
  const run = await session('exec', { command });
  await run.exit().toBeTypeOf('number');
  return run.output().trim();
};

/** Everything a person does first: a command, a terminal, a script in Node. */
const expectWorkspace = async () => {
  expect(await exec('sh', '-c', 'echo "$((40 + 2))"')).toBe('42');
  const terminal = await session('terminal', { columns: 100, rows: 30 });
  terminal.type('echo in $(( 40 + 2 )); tty; exit 5\n');
  await terminal.exit().toBe(5);
  expect(terminal.output()).toMatch(/in 42\s[\s\S]*\/dev\/pts\/\d/);
  expect(await exec('sh', '-c', '"$BERTH_NODE" -p "process.execPath"')).toBe('/berth/bin/node');
};

describe.runIf(canRun)('an image with nothing but a static shell', () => {
  it('is a workspace: startup script, commands, terminal', async () => {
    const startup = 'echo "here is $(id -u)"; echo made > made';
    await givenAgentIn({ shell: true }, { manifest: { startup } });
    await expectWorkspace();
    expect(logOf(berth, 'startup')).toBe('here is 0\n');
    expect(await exec('cat', '/home/berth/made')).toBe('made');
    // Made by nobody's mistake: it would be the agent's alone.
    expect(await exec('ls', '/')).not.toContain('tmp');
  });

  it('is one with a read-only root and a user whom no file names, where home and run are volumes', async () => {
    const folders = ['home/berth', 'run/berth'];
    const setup = { user: 4_711, readOnly: true, env: { BERTH_AGENT_DIR: '/run/berth' } };
    await givenAgentIn({ shell: true, folders }, { ...setup, manifest: { startup: 'id -u' } });
    await expectWorkspace();
    expect(logOf(berth, 'startup')).toBe('4711\n');
  });

  it('comes up without git’s key where nothing may be written for it, and says so', async () => {
    const setup = { user: 4_711, readOnly: true, env: { BERTH_AGENT_DIR: '/nowhere' } };
    await givenAgentIn({ shell: true, folders: ['home/berth'] }, { ...setup, manifest: { git: { name: 'Ada' } } });
    expect(stepOf(berth, 'git')).toMatchObject({ status: 'failed', message: expect.stringContaining('/nowhere') });
  });
});

describe.runIf(canRunMusl)('an image whose only C library is musl', () => {
  it('is a workspace, and neither gets into the other’s way', async () => {
    await givenAgentIn({ shell: true, musl: true });
    await expectWorkspace();
    const loaded =
      'console.log(process.report.getReport().sharedObjects.filter((path) => path.startsWith("/")).join())';
    const libraries = (await exec('/berth/bin/node', '-e', loaded)).split(',');
    expect(libraries.filter((path) => !path.startsWith('/berth/'))).toEqual([]);
    expect(await exec('/lib/ld-musl-x86_64.so.1', '--version')).toMatch(/musl libc/);
  });
});

describe.runIf(canRun)('an image with nothing at all', () => {
  it('runs programs of its own, and says of a terminal what it lacks', async () => {
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

  it('fails its start with a sentence when the template has a script', async () => {
    await givenAgentIn({}, { manifest: { startup: 'echo hello' }, becomes: 'start_error' });
    expect(statusOf(berth)?.message).toContain('no /bin/sh');
  });
});

it('brings the code-server that the template installs', () => {
  const versionIn = (file: string) => /version ?= ?'?([0-9.]+)/.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  expect(versionIn('agent/image/code-server.ts')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(versionIn('agent/image/code-server.ts')).toBe(versionIn('templates/vscode/template.yaml'));
});

it.runIf(canRun)('what the init container runs copies all of it', async () => {
  const image = givenImage({ folders: ['target'] });
  const { ended, said } = runIn(image, agent, ['/berth/bin/node', '/berth/install.cjs', '/target']);
  expect(await ended, await said).toBe(0);
  const copy = runIn(image, join(image, 'target'), ['/berth/bin/node', '-p', '40 + 2']);
  expect(await copy.said).toBe('42\n');
  rmSync(image, { recursive: true });
});
