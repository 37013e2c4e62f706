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
  type Installation,
  type Replica,
  untilConnected,
} from '../testing/replicas.ts';

/**
 * An agent reconnects to another replica within this time, whatever happened. It is measured, so a machine that is busy
 * at that moment gets two more attempts.
 */
const reconnectWithinMs = 5_000;

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

/** Types a text, and waits until it comes back. */
const expectEcho = async ({ socket, messages }: Exec, text: string) => {
  socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(`${text}\n`)]));
  await expect.poll(() => messages.join('')).toContain(text);
};

/** Waits until an agent is connected to a replica. Returns how long that took, in ms. */
const connectedAfter = async (replica: Replica, id: string, since: number): Promise<number> => {
  await untilConnected(replica, id);
  return Date.now() - since;
};

describe('a replica that dies', { retry: 2 }, () => {
  it('closes only its own connections, and its agents reconnect to another replica within 5 s', async () => {
    const [lost, other] = [
      await givenRunning(installation, b.port),
      await givenRunning(installation, c.port, { name: 'other' }),
    ];
    await Promise.all([untilConnected(b, lost.id), untilConnected(c, other.id)]);
    const direct = await execOf(installation, c, other.id, ['cat']);
    const across = await execOf(installation, a, other.id, ['cat']);
    const gone = await execOf(installation, a, lost.id, ['cat']);
    lost.line.setTarget(c.port);
    const since = Date.now();
    lost.line.cut();
    await Promise.all([b.die(), gone.closed]);
    expect(await connectedAfter(c, lost.id, since)).toBeLessThan(reconnectWithinMs);
    await Promise.all([expectEcho(direct, 'still open'), expectEcho(across, 'open as well')]);
    await expectEcho(await execOf(installation, a, lost.id, ['cat']), 'open again');
  });

  it('and goes silent is left by its agents, and connections through it are closed, within 5 s', async () => {
    let pings = 0;
    const onData = (chunk: Buffer) => {
      if (chunk.includes(Buffer.from([0x89, 4, ...Buffer.from(String(defaultHeartbeatMs))]))) pings += 1;
    };
    const { id, line } = await givenRunning(installation, b.port, { onData });
    await untilConnected(b, id);
    const { address = '' } = (await installation.replicas.findReplica(b.id)) ?? {};
    const between = await givenLine(Number(address.split(':')[1]));
    await installation.replicas.renewReplica({ id: b.id, address: `127.0.0.1:${between.port}` });
    const cookie = await cookieOf(installation, a, id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
    const open = await execOf(installation, a, id, ['cat']);
    // The first ping announces a longer wait; the second one announces the interval.
    await expect.poll(() => pings).toBeGreaterThan(0);
    line.setTarget(c.port);
    const since = Date.now();
    line.silence();
    between.silence();
    const cut = open.closed.then(() => Date.now() - since);
    expect(await connectedAfter(c, id, since)).toBeLessThan(reconnectWithinMs);
    expect(await cut).toBeLessThan(reconnectWithinMs);
    expect(await appAt(a, cookie)).toBe('hello of demo');
  });
});

describe('an agent location that names a dead replica', { retry: 2 }, () => {
  it('leads to an error within seconds, and is read again when the agent has moved', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const cookie = await cookieOf(installation, a, id);
    // Like a host that hangs: it accepts connections and sends nothing.
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
    expect(Date.now() - since).toBeLessThan(reconnectWithinMs);
    line.setTarget(c.port);
    line.cut();
    await untilConnected(c, id);
    await expect.poll(() => appAt(a, cookie)).toBe('hello of demo');
  });
});

describe('a replica that leaves', { retry: 2 }, () => {
  it('asks its agents to reconnect elsewhere, keeps open connections, refuses new ones, and then drains immediately', async () => {
    const { id, line } = await givenRunning(installation, b.port);
    await untilConnected(b, id);
    const open = await execOf(installation, b, id, ['cat']);
    line.setTarget(c.port);
    const since = Date.now();
    b.leave();
    expect(await connectedAfter(c, id, since)).toBeLessThan(reconnectWithinMs);
    await expectEcho(open, 'still open');
    expect(await dialOf(installation, b, id)).toMatchObject({ status: 503 });
    expect(await installation.replicas.findReplica(b.id)).toBeDefined();
    open.socket.terminate();
    await b.drain();
    expect(await installation.replicas.findReplica(b.id)).toBeUndefined();
    expect(await installation.replicas.findAgent(id)).toMatchObject({ id: c.id });
  });
});
