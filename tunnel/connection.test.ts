import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { TunnelConnection, TunnelStreamRefused } from './connection.ts';
import { encodeFrame, encodeHeader, frameType, initialWindow, maxStreams } from './frames.ts';
import type { TunnelStream } from './stream.ts';
import { cleanUp, givenRawPeer, givenSockets, givenTunnel } from './testing/tunnel.ts';

afterEach(cleanUp);

const echo = (stream: TunnelStream): void => {
  stream.accept();
  stream.pipe(stream);
};
const collectStreams = () => {
  const accepted: TunnelStream[] = [];
  return {
    accepted,
    accept: (stream: TunnelStream) => {
      accepted.push(stream);
      stream.accept();
    },
  };
};
/** Writes until the stream accepts no more for 50 turns. Returns how many bytes were sent. */
const fill = async (stream: Duplex, piece: Buffer): Promise<number> => {
  let taken = 0;
  for (let waits = 0; waits < 50; waits += 1) {
    while (stream.write(piece, () => (taken += piece.length))) waits = 0;
    await turn();
  }
  return taken;
};

describe('a stream', () => {
  it('carries bytes in both directions, which end separately', async () => {
    const { near } = await givenTunnel(echo);
    const stream = await near.open('app.web');
    const sent = randomBytes(3_000_000);
    stream.end(sent);
    expect((await buffer(stream)).equals(sent)).toBe(true);
    await expect.poll(() => stream.closed).toBe(true);
  });

  it('reaches the handler with its authority', async () => {
    const { near } = await givenTunnel((stream, authority) => {
      stream.accept();
      stream.end(authority);
    });
    const streams = await Promise.all(['app.web', 'port.80', 'app.ä'].map((authority) => near.open(authority)));
    expect((await Promise.all(streams.map(buffer))).map(String)).toEqual(['app.web', 'port.80', 'app.ä']);
  });

  it('is refused with a status, or without one when no response comes in time', async () => {
    const { near } = await givenTunnel((stream, authority) => {
      if (authority !== 'silent') stream.refuse(404);
    });
    await expect(near.open('app.other')).rejects.toMatchObject({ name: 'TunnelStreamRefused', status: 404 });
    await expect(near.open('silent', 20)).rejects.toMatchObject({
      name: 'TunnelStreamRefused',
      message: 'it did not respond in time',
    });
  });

  it('is reset at the other end when one end destroys it', async () => {
    const { accepted, accept } = collectStreams();
    const { near } = await givenTunnel(accept);
    const stream = await near.open('app.web');
    stream.destroy();
    const [error] = await once(accepted[0] as TunnelStream, 'error');
    expect(error.message).toBe('the connection was lost');
  });

  it('fails when the connection is lost, also while it waits to be accepted', async () => {
    const { near, far } = await givenTunnel((stream, authority) => authority === 'app.web' && stream.accept());
    const stream = await near.open('app.web');
    const waiting = near.open('silent');
    far.close();
    await expect(waiting).rejects.toMatchObject({ message: 'the connection was lost' });
    await expect(buffer(stream)).rejects.toThrow('the connection was lost');
    await expect(near.open('app.web')).rejects.toMatchObject({ message: 'it is not connected' });
  });

  it('carries any bytes in any chunks, beside other streams', async () => {
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

describe('a reader that stops reading', () => {
  it.each(['dialed', 'dialer'] as const)(
    'stops the writer at the end that was the %s, within its window',
    async (end) => {
      const { accepted, accept } = collectStreams();
      const { near } = await givenTunnel(accept);
      const opened = await near.open('app.web');
      const writer = end === 'dialed' ? opened : (accepted[0] as TunnelStream);
      const sent = await fill(writer, Buffer.alloc(10_000));
      expect(sent).toBeGreaterThan(initialWindow / 2);
      expect(sent).toBeLessThanOrEqual(initialWindow);
    },
  );

  it('does not delay other streams', async () => {
    const { near } = await givenTunnel((stream, authority) => (authority === 'stuck' ? stream.accept() : echo(stream)));
    for (let n = 0; n < 40; n += 1) await fill(await near.open('stuck'), Buffer.alloc(50_000));
    const stream = await near.open('app.web');
    stream.end(randomBytes(1_000_000));
    expect(await buffer(stream)).toHaveLength(1_000_000);
  });

  it('gets everything that was sent once it reads again', async () => {
    const { accepted, accept } = collectStreams();
    const { near } = await givenTunnel(accept);
    const stream = await near.open('app.web');
    const sent = randomBytes(2_000_000);
    stream.end(sent);
    await fill(await near.open('app.web'), Buffer.alloc(10_000));
    expect((await buffer(accepted[0] as TunnelStream)).equals(sent)).toBe(true);
  });
});

it('a bulk transfer delays another stream only by a few messages', async () => {
  let bulk = 0;
  const { near, dialed } = await givenTunnel((stream, authority) => {
    stream.accept();
    if (authority === 'bulk') stream.on('data', (bytes: Buffer) => (bulk += bytes.length));
    else stream.pipe(stream);
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

  // Counts messages sent up to the one with the small stream's bytes, which does not depend on how fast they are read.
  const sent: Buffer[] = [];
  const send = dialed.send.bind(dialed) as (...args: unknown[]) => void;
  const spied = (...args: unknown[]) => {
    sent.push(Buffer.from(args[0] as Buffer));
    send(...args);
  };
  Object.assign(dialed, { send: spied });
  small.end('the small one');
  expect(String(await buffer(small))).toBe('the small one');
  const before = sent.findIndex((message) => message.includes('the small one'));
  expect(before).toBeGreaterThanOrEqual(0);
  expect(before).toBeLessThan(6);
  for (const stream of pouring) stream.destroy();
});

describe('a peer', () => {
  const credit = (stream: number, number: number) => encodeFrame(frameType.credit, stream, { number, bytes: 4 });
  const data = (stream: number, length: number) =>
    Buffer.concat([encodeHeader(frameType.data, stream, length), Buffer.alloc(length)]);
  const accept = encodeFrame(frameType.accept, 1);

  it.each<[string, Buffer[]]>([
    ['opens a stream', [Buffer.concat([encodeHeader(frameType.open, 9, 3), Buffer.from('run')])]],
    ['accepts twice', [accept, accept]],
    ['sends data of a stream that was never opened', [data(2, 1)]],
    ['sends more than its window', [accept, ...Array.from({ length: 6 }, () => data(1, 50_000))]],
    [
      'sends more tiny frames than its window has room for',
      [accept, Buffer.concat(Array.from({ length: 1_100 }, () => data(1, 1)))],
    ],
    ['sends many empty frames', [accept, Buffer.concat(Array.from({ length: 1_100 }, () => data(1, 0)))]],
    ['grants endless credit', [accept, credit(1, 0xffffffff)]],
    ['ends twice', [accept, encodeFrame(frameType.end, 1), encodeFrame(frameType.end, 1)]],
    ['sends after the end', [accept, encodeFrame(frameType.end, 1), data(1, 1)]],
    ['truncates a header', [Buffer.alloc(5)]],
    ['truncates a payload', [encodeHeader(frameType.data, 1, 10)]],
    ['sends an unknown frame type', [Buffer.from([99, 0, 0, 0, 0, 0, 0, 1])]],
    ['refuses without a status', [encodeFrame(frameType.refuse, 1)]],
    ['sends a message above the limit', [data(1, 2_000_000)]],
  ])('that breaks the protocol is disconnected: it %s', async (_, messages) => {
    const { near, socket, closed } = await givenRawPeer();
    const opening = Promise.allSettled([near.open('app.web')]);
    await once(socket, 'message');
    for (const message of messages) socket.send(message);
    await closed;
    expect(near.isOpen).toBe(false);
    await opening;
  });

  it('that breaks the protocol is disconnected: it sends a text message', async () => {
    const { socket, closed } = await givenRawPeer();
    socket.send('hello');
    await closed;
  });

  it('cannot crash this end, whatever frames it sends', async () => {
    const anything = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 10 });
    const alike = fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 20 }))
      .map(([type, stream, payload]) => Buffer.concat([encodeHeader(type as 1, stream, payload.length), payload]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.array(alike, { minLength: 1, maxLength: 10 })), async (messages) => {
        const { near, socket, closed } = await givenRawPeer();
        const opening = Promise.allSettled([near.open('app.web')]);
        await once(socket, 'message');
        for (const message of messages) socket.send(message);
        socket.close();
        await closed;
        const [outcome] = await opening;
        if (outcome.status === 'fulfilled') outcome.value.destroy();
        else expect(outcome.reason).toBeInstanceOf(TunnelStreamRefused);
      }),
      { numRuns: 40 },
    );
  });

  it('may send frames that cross our reset, which are ignored', async () => {
    const { near, socket } = await givenRawPeer();
    const opening = near.open('app.web');
    await once(socket, 'message');
    socket.send(accept);
    (await opening).destroy();
    await once(socket, 'message');
    socket.send(Buffer.concat([data(1, 10), encodeFrame(frameType.end, 1), credit(1, 10)]));
    const again = near.open('app.web');
    await once(socket, 'message');
    socket.send(encodeFrame(frameType.accept, 2));
    await again;
  });
});

describe('memory is bounded', () => {
  it('against too many open streams', async () => {
    const { accepted, accept } = collectStreams();
    const { near, dialed } = await givenTunnel(accept);
    await Promise.all(Array.from({ length: maxStreams }, () => near.open('app.web')));
    await expect(near.open('app.web')).rejects.toMatchObject({ message: 'too many connections to it are open' });
    const name = Buffer.from('app.web');
    dialed.send(Buffer.concat([encodeHeader(frameType.open, maxStreams + 1, name.length), name]));
    // The refusal is for a stream that this end never opened, so this end disconnects.
    await expect.poll(() => near.isOpen).toBe(false);
    expect(accepted).toHaveLength(maxStreams);
  });

  it('against small frames that keep their whole message in memory', async () => {
    const { near, socket } = await givenRawPeer();
    const opening = near.open('app.web');
    await once(socket, 'message');
    const filler = encodeFrame(frameType.credit, 1, { number: 1, bytes: 4 });
    const data = Buffer.concat([encodeHeader(frameType.data, 1, 10), Buffer.alloc(10)]);
    socket.send(
      Buffer.concat([encodeFrame(frameType.accept, 1), data, ...Array.from({ length: 10_000 }, () => filler)]),
    );
    const stream = await opening;
    const [bytes] = (await once(stream, 'data')) as [Buffer];
    expect(bytes.buffer.byteLength).toBeLessThan(100);
  });

  it('against pings of a peer that does not read', async () => {
    const { dialed, dialer } = await givenSockets();
    void new TunnelConnection(dialed);
    dialer.pause();
    const payload = Buffer.alloc(125);
    for (let n = 0; n < 200_000; n += 1) dialer.ping(payload);
    const sent = Promise.withResolvers<void>();
    dialer.send(Buffer.alloc(0), () => sent.resolve());
    await sent.promise;
    let most = 0;
    for (let n = 0; n < 20; n += 1) {
      most = Math.max(most, dialed.bufferedAmount);
      await turn();
    }
    expect(most).toBeLessThan(2_000_000);
  });
});
