import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './harness.ts';

const task = {
  Cluster: 'arn:aws:ecs:us-east-1:111122223333:cluster/berth',
  TaskARN: 'arn:aws:ecs:us-east-1:111122223333:task/berth/1',
  Networks: [{ IPv4Addresses: ['127.0.0.1'] }],
};

/**
 * The AWS APIs that a replica without agents calls: for its key, its own item, and its task, which ECS wants to stop.
 * `calls` are the operations with their regions.
 */
export const givenAws = async () => {
  const calls: string[] = [];
  const responses: Record<string, unknown> = {
    GetSecretValue: { SecretString: 'the key' },
    DescribeTasks: { tasks: [{ taskArn: task.TaskARN, lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' }] },
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/v4/id')) return response.end(JSON.stringify(task));
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const region = /Credential=id\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    calls.push(`${operation} ${region}`);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(responses[operation] ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** The environment of a replica in us-east-1 whose table is in eu-central-1, with AWS at `url`. */
export const replicaEnvironment = (url: string): Record<string, string> => ({
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
});
