import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import { TunnelStream } from './stream.ts';
import { cleanUp, givenSockets } from './testing/tunnel.ts';
import { ReceiveWindows } from './windows.ts';

afterEach(cleanUp);

it('a peer that reads none of the control frames is disconnected', async () => {
  const { dialed, dialer } = await givenSockets();
  dialer.pause();
  const outbox = new Outbox(dialed);
  const closed = once(dialed, 'close');
  for (let frames = 0; frames <= 20_000; frames += 1) outbox.sendControl(Buffer.alloc(12));
  await closed;
});

it('a stream that its reader destroys keeps no extra window', async () => {
  const { dialed } = await givenSockets();
  const windows = new ReceiveWindows();
  windows.recordRoundTrip(10_000);
  const countGrants = () => {
    const granted = Array.from({ length: 20 }, () => windows.grantExtra());
    for (const bytes of granted) windows.releaseExtra(bytes);
    return granted.filter((bytes) => bytes > 0).length;
  };
  const before = countGrants();
  const stream = new TunnelStream(1, { outbox: new Outbox(dialed), windows }, () => undefined);
  stream.on('data', () => stream.destroy());
  await once(stream, 'resume');
  stream.receive(Buffer.alloc(100_000));
  expect(stream.destroyed).toBe(true);
  expect(countGrants()).toBe(before);
});
