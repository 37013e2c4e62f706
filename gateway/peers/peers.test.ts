import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { ReplicaRules } from '../../core/gateway.ts';
import { atEnd, cleanUp } from '../testing/harness.ts';
import { Peers } from './peers.ts';

afterEach(cleanUp);

/** A replica that accepts every stream, and how often it was looked up and connected to. */
const givenPeer = async () => {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  let connections = 0;
  server.on('session', (session) => {
    connections += 1;
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream) => stream.respond({ ':status': 200 }));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const replica = { id: 'peer', address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  let lookups = 0;
  const rules: ReplicaRules = {
    findReplica: async () => replica,
    findAgent: async () => {
      lookups += 1;
      return replica;
    },
    renewReplica: async () => undefined,
    removeReplica: async () => undefined,
    signPeerRequest: () => 'signed',
    isSignedPeerRequest: () => true,
  };
  const peers = new Peers({ rules, self: 'self' });
  atEnd(() => peers.close());
  return { peers, sessions, lookups: () => lookups, connections: () => connections };
};

const connected = async ({ peers }: Awaited<ReturnType<typeof givenPeer>>) => {
  const link = await peers.find({ workspaceId: 'ws', buildId: 'ws-1' });
  const stream = await link?.connect('session');
  stream?.on('error', () => stream.destroy());
  return link;
};

it('concurrent requests for an agent share one link and one connection', async () => {
  const peer = await givenPeer();
  const links = await Promise.all(Array.from({ length: 20 }, () => connected(peer)));
  expect(new Set(links).size).toBe(1);
  expect(peer.lookups()).toBe(1);
  expect(peer.connections()).toBe(1);
  peer.peers.close();
  await expect.poll(() => peer.sessions.size).toBe(0);
});

it('a lost connection is replaced, and the end of an older link does not remove the newer one', async () => {
  const peer = await givenPeer();
  const first = await connected(peer);
  const cut = () => {
    for (const session of peer.sessions) session.destroy();
  };
  cut();
  await expect.poll(async () => (await peer.peers.find({ workspaceId: 'ws', buildId: 'ws-1' })) !== first).toBe(true);
  const second = await connected(peer);
  // A link that is still in use connects again by itself.
  const stream = await first?.connect('session');
  stream?.on('error', () => stream.destroy());
  await expect.poll(() => peer.sessions.size).toBe(2);
  const [, older] = peer.sessions;
  older?.destroy();
  await expect.poll(() => peer.sessions.size).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await peer.peers.find({ workspaceId: 'ws', buildId: 'ws-1' })).toBe(second);
  await first?.connect('session').then((again) => again.on('error', () => again.destroy()));
  peer.peers.close();
  await expect.poll(() => peer.sessions.size).toBe(0);
});
