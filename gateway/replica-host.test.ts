import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { replicaHost } from './replica-host.ts';
import { atEnd, cleanUp } from './test-harness.ts';

afterEach(cleanUp);

/** A task's metadata, as ECS answers it. */
const givenMetadata = async (status: number, body: unknown): Promise<string> => {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/id`;
};

it('is the one that was given, or what ECS tells of the task', async () => {
  expect(await replicaHost('10.0.0.7')).toBe('10.0.0.7');
  const networks = [{ NetworkMode: 'awsvpc', IPv4Addresses: ['10.0.1.9'] }];
  expect(await replicaHost(await givenMetadata(200, { DockerId: 'x', Networks: networks }))).toBe('10.0.1.9');
});

it('fails in words when ECS does not tell it', async () => {
  await expect(replicaHost(await givenMetadata(200, { Networks: [] }))).rejects.toThrow('did not tell the address');
  await expect(replicaHost(await givenMetadata(500, {}))).rejects.toThrow('status 500');
});
