import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection, Refused } from './connection.ts';
import { frameOf, frameType, headerOf, mostStreams, window } from './frames.ts';
import type { TunnelStream } from './stream.ts';
import { cleanUp, givenSockets, givenStranger, givenTunnel } from './test-tunnel.ts';

afterEach(cleanUp);

const echo = (stream: TunnelStream): void => {
  stream.accept();
  stream.pipe(stream);
};
const keep = () => {
  const taken: TunnelStream[] = [];
  return {
    taken,
    take: (stream: TunnelStream) => {
      taken.push(stream);
      stream.accept();
    },
  };
};
/** Bytes that went into a stream until it took no more, and then for good measure. */
const fill = async (stream: Duplex, piece: Buffer): Promise<number> => {
  let taken = 0;
  for (let waits = 0; waits < 50; waits += 1) {
    while (stream.write(piece, () => (taken += piece.length))) waits = 0;
    await turn();
  }
  return taken;
};

describe('a stream', () => {
  it('carries bytes both ways, each way to its own end', async () => {
    const { near } = await givenTunnel(echo);
    const stream = await near.open('app.web');
    const sent = randomBytes(3_000_000);
    stream.end(sent);
    expect((await buffer(stream)).equals(sent)).toBe(true);
    await expect.poll(() => stream.closed).toBe(true);
  });

  it('is told apart by its authority', async () => {
    const { near } = await givenTunnel((stream, authority) => {
      stream.accept();
      stream.end(authority);
    });
    const streams = await Promise.all(['app.web', 'port.80', 'app.ä'].map((authority) => near.open(authority)));
    expect((await Promise.all(streams.map(buffer))).map(String)).toEqual(['app.web', 'port.80', 'app.ä']);
  });

  it('is refused with a status, or for want of an answer in time', async () => {
    const { near } = await givenTunnel((stream, authority) => {
      if (authority !== 'silent') stream.refuse(404);
    });
    await expect(near.open('app.other')).rejects.toMatchObject({ name: 'Refused', status: 404 });
    await expect(near.open('silent', 20)).rejects.toMatchObject({ name: 'Refused', message: 'it did not answer' });
  });

  it('is reset at the other end when it is destroyed at one', async () => {
    const { taken, take } = keep();
    const { near } = await givenTunnel(take);
    const stream = await near.open('app.web');
    stream.destroy();
    const [error] = await once(taken[0] as TunnelStream, 'error');
    expect(error.message).toBe('the connection was lost');
  });

  it('is lost with its connection, as is one that waits for its answer', async () => {
    const { near, far } = await givenTunnel((stream, authority) => authority === 'app.web' && stream.accept());
    const stream = await near.open('app.web');
    const waiting = near.open('silent');
    far.close();
    await expect(waiting).rejects.toMatchObject({ message: 'the connection was lost' });
    await expect(buffer(stream)).rejects.toThrow('the connection was lost');
    await expect(near.open('app.web')).rejects.toMatchObject({ message: 'it is not connected' });
  });

  it('carries whatever is written, in any pieces, beside any others', async () => {
    const { near } = await givenTunnel(echo);
    const pieces = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 12 });
    const send = async (lengths: number[]) => {
      const stream = await near.open('app.web');
      const sent = lengths.map((length) => randomBytes(length));
      const received = buffer(stream);
      for (const piece of sent) if (!stream.write(piece)) await once(stream, 'drain');
      stream.end();
      expect((await received).equals(Buffer.concat(sent))).toBe(true);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { minLength: 1, maxLength: 6 }),
        async (all) => void (await Promise.all(all.map(send))),
      ),
      { numRuns: 25 },
    );
  });
});

describe('a reader that stops', () => {
  it.each(['dialled', 'dialler'] as const)(
    'holds up the writer at the end that was %s, within its window',
    async (end) => {
      const { taken, take } = keep();
      const { near } = await givenTunnel(take);
      const opened = await near.open('app.web');
      const writer = end === 'dialled' ? opened : (taken[0] as TunnelStream);
      const sent = await fill(writer, Buffer.alloc(10_000));
      expect(sent).toBeGreaterThan(window / 2);
      expect(sent).toBeLessThanOrEqual(window);
    },
  );

  it('holds up nobody else', async () => {
    const { near } = await givenTunnel((stream, authority) => (authority === 'stuck' ? stream.accept() : echo(stream)));
    for (let n = 0; n < 40; n += 1) await fill(await near.open('stuck'), Buffer.alloc(50_000));
    const stream = await near.open('app.web');
    stream.end(randomBytes(1_000_000));
    expect(await buffer(stream)).toHaveLength(1_000_000);
  });

  it('has what was sent before it went on', async () => {
    const { taken, take } = keep();
    const { near } = await givenTunnel(take);
    const stream = await near.open('app.web');
    const sent = randomBytes(2_000_000);
    stream.end(sent);
    await fill(await near.open('app.web'), Buffer.alloc(10_000));
    expect((await buffer(taken[0] as TunnelStream)).equals(sent)).toBe(true);
  });
});

it('a stream with much to send delays another by a few messages', async () => {
  let bulk = 0;
  const { near } = await givenTunnel((stream, authority) => {
    stream.accept();
    if (authority === 'bulk') stream.on('data', (bytes: Buffer) => (bulk += bytes.length));
    else stream.on('data', () => stream.end(String(bulk)));
  });
  const pour = async () => {
    const stream = await near.open('bulk');
    const piece = Buffer.alloc(1_000_000);
    const more = () => {
      while (!stream.destroyed && stream.write(piece));
    };
    stream.on('drain', more);
    more();
    return stream;
  };
  const pouring = [await pour(), await pour()];
  const small = await near.open('small');
  await expect.poll(() => bulk).toBeGreaterThan(10_000_000);
  const before = bulk;
  small.write('x');
  const after = Number(await buffer(small));
  // Two windows that were on their way, and what was read before this end came to look.
  expect(after - before).toBeLessThan(4 * window);
  for (const stream of pouring) stream.destroy();
});

describe('an end that breaks the protocol is cut off', () => {
  const credit = (stream: number, number: number) => frameOf(frameType.credit, stream, { number, bytes: 4 });
  const data = (stream: number, length: number) =>
    Buffer.concat([headerOf(frameType.data, stream, length), Buffer.alloc(length)]);
  const accept = frameOf(frameType.accept, 1);

  it.each<[string, Buffer[]]>([
    ['opens a stream', [Buffer.concat([headerOf(frameType.open, 9, 3), Buffer.from('run')])]],
    ['answers twice', [accept, accept]],
    ['speaks of a stream that never was', [data(2, 1)]],
    ['sends more than its window', [accept, ...Array.from({ length: 6 }, () => data(1, 50_000))]],
    [
      'sends more pieces than its window has room for',
      [accept, Buffer.concat(Array.from({ length: 1_100 }, () => data(1, 1)))],
    ],
    ['sends nothing, again and again', [accept, Buffer.concat(Array.from({ length: 1_100 }, () => data(1, 0)))]],
    ['gives endless credit', [accept, credit(1, 0xffffffff)]],
    ['ends twice', [accept, frameOf(frameType.end, 1), frameOf(frameType.end, 1)]],
    ['sends after the end', [accept, frameOf(frameType.end, 1), data(1, 1)]],
    ['cuts a header off', [Buffer.alloc(5)]],
    ['cuts a payload off', [headerOf(frameType.data, 1, 10)]],
    ['says another word', [Buffer.from([99, 0, 0, 0, 0, 0, 0, 1])]],
    ['refuses without a status', [frameOf(frameType.refuse, 1)]],
    ['sends more than a message holds', [data(1, 2_000_000)]],
  ])('that %s', async (_, messages) => {
    const { near, socket, closed } = await givenStranger();
    // Some accept it first.
    const asked = Promise.allSettled([near.open('app.web')]);
    await once(socket, 'message');
    for (const message of messages) socket.send(message);
    await closed;
    expect(near.isOpen).toBe(false);
    await asked;
  });

  it('that sends a text', async () => {
    const { socket, closed } = await givenStranger();
    socket.send('hello');
    await closed;
  });

  it('whatever it says: nothing else happens', async () => {
    const anything = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 10 });
    const alike = fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 20 }))
      .map(([type, stream, payload]) => Buffer.concat([headerOf(type as 1, stream, payload.length), payload]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.array(alike, { minLength: 1, maxLength: 10 })), async (messages) => {
        const { near, socket, closed } = await givenStranger();
        const asked = Promise.allSettled([near.open('app.web')]);
        await once(socket, 'message');
        for (const message of messages) socket.send(message);
        socket.close();
        await closed;
        const [outcome] = await asked;
        if (outcome.status === 'fulfilled') outcome.value.destroy();
        else expect(outcome.reason).toBeInstanceOf(Refused);
      }),
      { numRuns: 40 },
    );
  });

  it('passes over what crossed its own reset', async () => {
    const { near, socket } = await givenStranger();
    const asked = near.open('app.web');
    await once(socket, 'message');
    socket.send(accept);
    (await asked).destroy();
    await once(socket, 'message');
    socket.send(Buffer.concat([data(1, 10), frameOf(frameType.end, 1), credit(1, 10)]));
    const again = near.open('app.web');
    await once(socket, 'message');
    socket.send(frameOf(frameType.accept, 2));
    await again;
  });
});

describe('memory is bounded', () => {
  it('against more streams than may be open', async () => {
    const { taken, take } = keep();
    const { near, dialled } = await givenTunnel(take);
    await Promise.all(Array.from({ length: mostStreams }, () => near.open('app.web')));
    await expect(near.open('app.web')).rejects.toMatchObject({ message: 'it has too much open already' });
    const name = Buffer.from('app.web');
    dialled.send(Buffer.concat([headerOf(frameType.open, mostStreams + 1, name.length), name]));
    // It did not ask for that one: whatever it is answered, it cuts the other end off.
    await expect.poll(() => near.isOpen).toBe(false);
    expect(taken).toHaveLength(mostStreams);
  });

  it('against small parts of large messages that nobody reads', async () => {
    const { near, socket } = await givenStranger();
    const asked = near.open('app.web');
    await once(socket, 'message');
    const rest = frameOf(frameType.credit, 1, { number: 1, bytes: 4 });
    const part = Buffer.concat([headerOf(frameType.data, 1, 10), Buffer.alloc(10)]);
    socket.send(Buffer.concat([frameOf(frameType.accept, 1), part, ...Array.from({ length: 10_000 }, () => rest)]));
    const stream = await asked;
    const [bytes] = (await once(stream, 'data')) as [Buffer];
    expect(bytes.buffer.byteLength).toBeLessThan(100);
  });

  it('against pings of an end that does not read', async () => {
    const { dialled, dialler } = await givenSockets();
    void new Connection(dialled);
    dialler.pause();
    const payload = Buffer.alloc(125);
    for (let n = 0; n < 200_000; n += 1) dialler.ping(payload);
    const sent = Promise.withResolvers<void>();
    dialler.send(Buffer.alloc(0), () => sent.resolve());
    await sent.promise;
    let most = 0;
    for (let n = 0; n < 20; n += 1) {
      most = Math.max(most, dialled.bufferedAmount);
      await turn();
    }
    expect(most).toBeLessThan(2_000_000);
  });
});
