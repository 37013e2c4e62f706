import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleGateway } from './bundle.ts';
import { atEnd, cleanUp } from './test-harness.ts';

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
  expect(line).toMatchObject({ level: 'error', message: 'the gateway failed', time: expect.stringMatching(/Z$/) });
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

const task = {
  Cluster: 'arn:aws:ecs:us-east-1:111122223333:cluster/berth',
  TaskARN: 'arn:aws:ecs:us-east-1:111122223333:task/berth/1',
  Networks: [{ IPv4Addresses: ['127.0.0.1'] }],
};

/**
 * As much of AWS as a replica asks for without agents: its key, its own item, and its task, which ECS wants to end.
 * Tells what was asked, and of which region.
 */
const givenAws = async () => {
  const asked: string[] = [];
  const answers: Record<string, unknown> = {
    GetSecretValue: { SecretString: 'the key' },
    DescribeTasks: { tasks: [{ taskArn: task.TaskARN, lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' }] },
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/v4/id')) return response.end(JSON.stringify(task));
    const act = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const region = /Credential=id\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    asked.push(`${act} ${region}`);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(answers[act] ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const givenReplica = async (where: Record<string, string>) => {
  const { asked, url } = await givenAws();
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    BERTH_HOME_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    BERTH_TABLE: 'berth',
    BERTH_AGENT_KEY: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:agents',
    BERTH_SEALING_KEY: 'arn:aws:kms:eu-central-1:111122223333:key/sealing',
    BERTH_ISSUER: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abcdefghi',
    BERTH_CLIENT_ID: 'client',
    BERTH_ROLE_GROUPS: '{}',
    BERTH_LIMITS: '{}',
    BERTH_APP_DOMAIN: 'apps.example.com',
    BERTH_PORTAL_URL: 'https://example.com',
    BERTH_PORT: '0',
    BERTH_PEER_PORT: '0',
    ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/id`,
    ...where,
  };
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
