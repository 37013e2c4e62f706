import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { atEnd, cleanUp } from '../testing/harness.ts';
import { replicaHost } from './replica-host.ts';

afterEach(cleanUp);

/** A server of ECS task metadata. */
const givenMetadata = async (status: number, body: unknown): Promise<string> => {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/id`;
};

it('is the setting, or the address in ECS’s task metadata', async () => {
  expect(await replicaHost('10.0.0.7')).toBe('10.0.0.7');
  const networks = [{ NetworkMode: 'awsvpc', IPv4Addresses: ['10.0.1.9'] }];
  expect(await replicaHost(await givenMetadata(200, { DockerId: 'x', Networks: networks }))).toBe('10.0.1.9');
});

it('fails with an explanation when ECS does not name the address', async () => {
  await expect(replicaHost(await givenMetadata(200, { Networks: [] }))).rejects.toThrow('has no address of this task');
  await expect(replicaHost(await givenMetadata(500, {}))).rejects.toThrow('status 500');
});
