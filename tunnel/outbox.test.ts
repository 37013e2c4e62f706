import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import { TunnelStream } from './stream.ts';
import { cleanUp, givenSockets } from './test-tunnel.ts';
import { Windows } from './windows.ts';

afterEach(cleanUp);

it('an end that is sent answers and reads none of them is cut off', async () => {
  const { dialled, dialler } = await givenSockets();
  dialler.pause();
  const outbox = new Outbox(dialled);
  const closed = once(dialled, 'close');
  for (let frames = 0; frames <= 20_000; frames += 1) outbox.urgent(Buffer.alloc(12));
  await closed;
});

it('a stream that is destroyed as it hands over bytes borrows nothing', async () => {
  const { dialled } = await givenSockets();
  const windows = new Windows();
  windows.measured(10_000);
  const most = () => {
    const lent = Array.from({ length: 20 }, () => windows.lend());
    for (const bytes of lent) windows.giveBack(bytes);
    return lent.filter((bytes) => bytes > 0).length;
  };
  const before = most();
  const stream = new TunnelStream(1, { outbox: new Outbox(dialled), windows }, () => undefined);
  stream.on('data', () => stream.destroy());
  await once(stream, 'resume');
  stream.arrive(Buffer.alloc(100_000));
  expect(stream.destroyed).toBe(true);
  expect(most()).toBe(before);
});
