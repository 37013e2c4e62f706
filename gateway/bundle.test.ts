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

it('is one file that runs with no folder of packages near it, and says in JSON all that it lacks', () => {
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
  const { asked, url } = await givenAws();
  const env = { ...replicaEnvironment(url), ...where };
  const child = spawn(process.execPath, [join(folder, 'gateway.cjs')], { cwd: folder, env });
  const ended = once(child, 'exit');
  atEnd(() => child.kill('SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const said = (message: string) => lines.find((line) => line['message'] === message);
  await expect.poll(() => said('the gateway serves')).toBeDefined();
  return { asked, said, child, ended };
};

it('serves, tells its health, and takes itself out of the table when it is told to end', async () => {
  const { asked, said, child, ended } = await givenReplica({ BERTH_REPLICA_HOST: '127.0.0.1' });
  const health = await fetch(`http://127.0.0.1:${said('the gateway serves')?.['port']}/healthz`);
  expect(health.status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(said('the gateway has ended')).toBeDefined();
  expect(asked).toEqual(['GetSecretValue', 'PutItem', 'DeleteItem'].map((act) => `${act} eu-central-1`));
});

it('sends its agents elsewhere when ECS begins to end its task, minutes before it is told to', async () => {
  const { asked, said, child, ended } = await givenReplica({});
  await expect.poll(() => said('the gateway drains'), { timeout: 10_000 }).toBeDefined();
  expect(asked.filter((act) => act.startsWith('DescribeTasks'))).toEqual(['DescribeTasks us-east-1']);
  expect(asked).not.toContain('DeleteItem eu-central-1');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(said('the gateway has ended')).toBeDefined();
});
