import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel } from '../../contracts/sessions/session.ts';
import { defaultHeartbeatMs } from '../agents/heartbeat.ts';
import { atEnd, cleanUp, givenLine } from '../testing/harness.ts';
import {
  appAt,
  cookieOf,
  dialOf,
  execOf,
  givenInstallation,
  givenRunning,
  holds,
  type Installation,
  type Replica,
} from '../testing/replicas.ts';

/** What is measured against the promise: an agent is back elsewhere within this time, whatever happened. */
const backWithinMs = 5_000;

let installation: Installation;
let a: Replica;
let b: Replica;
let c: Replica;

beforeEach(async () => {
  installation = await givenInstallation();
  [a, b, c] = [await installation.givenReplica(), await installation.givenReplica(), await installation.givenReplica()];
});
afterEach(cleanUp);

type Exec = Awaited<ReturnType<typeof execOf>>;

/** Whether what is typed still comes back. */
const echoes = async ({ socket, messages }: Exec, text: string) => {
  socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(`${text}\n`)]));
  await expect.poll(() => messages.join('')).toContain(text);
};

/** How long it takes until an agent is at a replica, in ms. */
const untilAt = async (replica: Replica, id: string, since: number): Promise<number> => {
  await holds(replica, id);
  return Date.now() - since;
};

describe('a replica that dies', () => {
  it('takes with it what was open on it alone, and its agents are back elsewhere within 5 s', async () => {
    const [lost, kept] = [
      await givenRunning(installation, b.port),
      await givenRunning(installation, c.port, { name: 'other' }),
    ];
    await Promise.all([holds(b, lost.id), holds(c, kept.id)]);
    const direct = await execOf(installation, c, kept.id, ['cat']);
    const across = await execOf(installation, a, kept.id, ['cat']);
    const gone = await execOf(installation, a, lost.id, ['cat']);
    lost.line.leadTo(c.port);
    const since = Date.now();
    lost.line.cut();
    await Promise.all([b.die(), gone.closed]);
    expect(await untilAt(c, lost.id, since)).toBeLessThan(backWithinMs);
    await Promise.all([echoes(direct, 'still here'), echoes(across, 'here as well')]);
    await echoes(await execOf(installation, a, lost.id, ['cat']), 'back again');
  });

  it('without a word is left by its agents, and what others have open through it ends, within 5 s', async () => {
    let pings = 0;
    const heard = (chunk: Buffer) => {
      if (chunk.includes(Buffer.from([0x89, 4, ...Buffer.from(String(defaultHeartbeatMs))]))) pings += 1;
    };
    const { id, line } = await givenRunning(installation, b.port, { heard });
    await holds(b, id);
    const { address = '' } = (await installation.replicas.findReplica(b.id)) ?? {};
    const between = await givenLine(Number(address.split(':')[1]));
    await installation.replicas.renewReplica({ id: b.id, address: `127.0.0.1:${between.port}` });
    const cookie = await cookieOf(installation, a, id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    const open = await execOf(installation, a, id, ['cat']);
    // The first ping asks for patience; from the second on the agent knows how often they come.
    await expect.poll(() => pings).toBeGreaterThan(0);
    line.leadTo(c.port);
    const since = Date.now();
    line.silence();
    between.silence();
    const cut = open.closed.then(() => Date.now() - since);
    expect(await untilAt(c, id, since)).toBeLessThan(backWithinMs);
    expect(await cut).toBeLessThan(backWithinMs);
    expect(await appAt(a, cookie)).toBe('hello of demo');
  });
});

describe('a place that leads to a replica that is gone', () => {
  it('is given up within seconds, and asked for anew when the agent is elsewhere', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    const cookie = await cookieOf(installation, a, id);
    // As a host that hangs: connections are taken, and nobody says anything.
    const hole = createServer().listen(0, '127.0.0.1');
    await once(hole, 'listening');
    atEnd(() => hole.close());
    const address = `127.0.0.1:${(hole.address() as AddressInfo).port}`;
    await installation.replicas.renewReplica({ id: b.id, address });
    const since = Date.now();
    expect(await Promise.all([appAt(a, cookie), dialOf(installation, a, id)])).toEqual([
      502,
      expect.objectContaining({ status: 502 }),
    ]);
    expect(Date.now() - since).toBeLessThan(backWithinMs);
    line.leadTo(c.port);
    line.cut();
    await holds(c, id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
  });
});

describe('a replica that is to end soon', () => {
  it('sends its agents elsewhere, keeps what is open, takes nothing new, and has nothing left to wait for', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await holds(b, id);
    const open = await execOf(installation, b, id, ['cat']);
    line.leadTo(c.port);
    const since = Date.now();
    b.leave();
    expect(await untilAt(c, id, since)).toBeLessThan(backWithinMs);
    await echoes(open, 'still here');
    expect(await dialOf(installation, b, id)).toMatchObject({ status: 503 });
    expect(await installation.replicas.findReplica(b.id)).toBeDefined();
    open.socket.terminate();
    await b.drain();
    expect(await installation.replicas.findReplica(b.id)).toBeUndefined();
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: c.id });
  });
});
