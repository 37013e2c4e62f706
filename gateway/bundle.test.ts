import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleGateway } from './bundle.ts';
import { givenAws, replicaEnvironment } from './testing/aws.ts';
import { atEnd, cleanUp } from './testing/harness.ts';

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await bundleGateway(join(folder, 'gateway.cjs'));
});
afterAll(cleanUp);

it('is one file that runs without node_modules, and logs every missing setting as JSON', () => {
  expect(readdirSync(folder).sort()).toEqual(['gateway.cjs', 'gateway.cjs.map']);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'gateway.cjs')], {
    cwd: folder,
    env: { BERTH_AGENT_KEY: 'not-an-arn' },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(1);
  const line = JSON.parse(stdout);
  expect(line).toMatchObject({ level: 'ERROR', message: 'the gateway failed', timestamp: expect.stringMatching(/Z$/) });
  for (const name of [
    'BERTH_TABLE',
    'BERTH_AGENT_KEY',
    'BERTH_ISSUER',
    'BERTH_REPLICA_HOST',
    'AWS_REGION',
    'BERTH_HOME_REGION',
  ]) {
    expect(line.error.message).toContain(name);
  }
  expect(stdout).not.toContain('not-an-arn');
});

const givenReplica = async (where: Record<string, string>) => {
  const { calls, url } = await givenAws();
  const env = { ...replicaEnvironment(url), ...where };
  const child = spawn(process.execPath, [join(folder, 'gateway.cjs')], { cwd: folder, env });
  const ended = once(child, 'exit');
  atEnd(() => child.kill('SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const logged = (message: string) => lines.find((line) => line['message'] === message);
  await expect.poll(() => logged('the gateway serves')).toBeDefined();
  return { calls, logged, child, ended };
};

it('serves, reports its health, and removes itself from the table when it receives SIGTERM', async () => {
  const { calls, logged, child, ended } = await givenReplica({ BERTH_REPLICA_HOST: '127.0.0.1' });
  const health = await fetch(`http://127.0.0.1:${logged('the gateway serves')?.['port']}/healthz`);
  expect(health.status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(logged('the gateway has ended')).toBeDefined();
  expect(calls).toEqual(['GetSecretValue', 'PutItem', 'DeleteItem'].map((call) => `${call} eu-central-1`));
});

it('asks its agents to reconnect elsewhere as soon as ECS begins to stop its task, before SIGTERM', async () => {
  const { calls, logged, child, ended } = await givenReplica({});
  await expect.poll(() => logged('the gateway drains')).toBeDefined();
  expect(calls.filter((call) => call.startsWith('DescribeTasks'))).toEqual(['DescribeTasks us-east-1']);
  expect(calls).not.toContain('DeleteItem eu-central-1');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(logged('the gateway has ended')).toBeDefined();
});
