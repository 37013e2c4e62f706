import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleGateway } from '../../gateway/bundle.ts';
import { givenAws, replicaEnvironment } from '../../gateway/testing/aws.ts';
import { atEnd, type Berth, cleanUp, givenBerth, logOf } from '../../gateway/testing/harness.ts';
import {
  type AgentContainer,
  agentCommand,
  execIn,
  expectUsableWorkspace,
  givenWorkspaceIn,
} from '../compute/injected-workspace.ts';
import { optional } from '../requirements.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { busybox, debian, importBaseImages } from './base-images.ts';
import { canRunEngine, type Engine, startEngine } from './engine.ts';

const repository = join(import.meta.dirname, '..', '..');
const canRun = optional(
  'the images in a Docker engine',
  canRunEngine(),
  'Needs Linux and root: `apt-get install docker.io debootstrap busybox-static`.',
);

let engine: Engine;
/** Builds an image with the command in its Dockerfile. The host's network reaches the package registries. */
const build = (tag: string, ...args: string[]) => engine.docker('build', '--network', 'host', '--tag', tag, ...args);

beforeAll(async () => {
  if (!canRun) return;
  const folder = temporaryFolder();
  engine = await startEngine(folder);
  await importBaseImages(engine, folder);
});
afterEach(cleanUp);
afterAll(async () => engine?.stop());

interface Running extends AgentContainer {
  name: string;
  code: Promise<number | null>;
}

/** A container on the host's network. */
const runContainer = (image: string, options: string[], command: string[] = []): Running => {
  const name = `berth-${randomUUID()}`;
  const { file, args } = engine.client;
  const child = spawn(
    file,
    [...args, 'run', '--rm', '--name', name, '--network', 'host', ...options, image, ...command],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''));
  const code = once(child, 'exit').then(([exitCode]) => exitCode as number | null);
  const end = async () => {
    // Fails if the container has ended by itself.
    await engine.docker('kill', name).catch(() => undefined);
    await code;
  };
  return { name, output, code, end };
};

const variables = (env: Record<string, string>): string[] =>
  Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

describe.runIf(canRun)('the agent image', () => {
  const volume = 'berth-agent';
  beforeAll(async () => {
    await build('berth-agent', '--file', join(repository, 'agent/image/Dockerfile'), repository);
    // As the init container of a pod does, but as root, to whom a new Docker volume belongs.
    await engine.docker(
      'run',
      '--rm',
      '--user',
      '0',
      '--volume',
      `${volume}:/target`,
      'berth-agent',
      '/berth/install.cjs',
      '/target',
    );
  });

  let berth: Berth;
  const givenAgentIn = async (image: string, options: string[] = [], manifest = {}) => {
    berth = await givenBerth();
    const run = (env: Record<string, string>) =>
      runContainer(image, ['--volume', `${volume}:/berth:ro`, ...options, ...variables(env)], agentCommand);
    await givenWorkspaceIn(berth, run, { manifest });
  };

  it('contains only the agent’s folder, and runs as an unprivileged user', async () => {
    const { Config, RootFS } = JSON.parse(await engine.docker('image', 'inspect', 'berth-agent'))[0];
    expect(Config).toMatchObject({ User: '65532:65532', Entrypoint: ['/berth/bin/node'] });
    expect(RootFS.Layers).toHaveLength(1);
    expect(await engine.docker('run', '--rm', 'berth-agent', '-p', 'process.version')).toBe(process.version);
  });

  it.each([debian, busybox])('runs the agent in %s', async (image) => {
    await givenAgentIn(image, [], { startup: 'echo "here is $(id -u)"' });
    await expectUsableWorkspace(berth);
    expect(logOf(berth, 'startup')).toBe('here is 0\n');
  });

  it('runs the agent as another user with a read-only root and no capabilities', async () => {
    const options = ['--user', '4711', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const volumes = ['--tmpfs', '/home/berth:mode=1777,exec', '--tmpfs', '/run/berth:mode=1777', '--tmpfs', '/tmp'];
    await givenAgentIn(debian, [...options, ...volumes, '--env', 'BERTH_AGENT_DIR=/run/berth']);
    await expectUsableWorkspace(berth);
    expect(await execIn(berth, 'id', '-u')).toBe('4711');
  });
});

describe.runIf(canRun)('the gateway image', () => {
  beforeAll(async () => {
    const context = temporaryFolder();
    await bundleGateway(join(context, 'gateway.cjs'));
    cpSync(join(repository, 'gateway/Dockerfile'), join(context, 'Dockerfile'));
    await build('berth-gateway', context);
  });

  it('serves as an unprivileged user, and drains when it is stopped', async () => {
    const { calls, url } = await givenAws();
    const port = String(await freePort());
    const env = { ...replicaEnvironment(url), BERTH_PORT: port, BERTH_REPLICA_HOST: '127.0.0.1' };
    const gateway = runContainer('berth-gateway', ['--read-only', '--cap-drop', 'ALL', ...variables(env)]);
    atEnd(() => gateway.end());
    const health = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ status }) => status,
        () => undefined,
      );
    await expect.poll(health).toBe(200);
    expect(await engine.docker('exec', gateway.name, 'id', '-un')).toBe('node');
    await engine.docker('stop', gateway.name);
    expect(await gateway.code, await gateway.output).toBe(0);
    expect(calls.at(-1)).toBe('DeleteItem eu-central-1');
  });
});
