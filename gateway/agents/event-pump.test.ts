import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type { AgentEvent } from '../../contracts/agent/tunnel.ts';
import { pumpEvents } from './event-pump.ts';

const line = (seq: number, text = 'ü'): string =>
  `${JSON.stringify({ seq, at: '2026-01-01T00:00:00.000Z', type: 'log', step: 's', text })}\n`;

const pumped = async (chunks: (string | Buffer)[], lastEvent = 0): Promise<AgentEvent[][]> => {
  const stream = new PassThrough();
  const batches: AgentEvent[][] = [];
  const pumping = pumpEvents(stream, lastEvent, async (events) => void batches.push(events));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await pumping;
  return batches;
};

it('passes on events that arrived together, each once, at whatever byte chunks are split', async () => {
  const bytes = Buffer.from(line(1) + line(2) + line(2) + line(3));
  const split = bytes.indexOf('ü') + 1;
  const batches = await pumped([bytes.subarray(0, split), bytes.subarray(split)]);
  expect(batches.flat().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(batches.flat()[0]).toMatchObject({ text: 'ü' });
});

it('skips events that the table contains already', async () => {
  expect((await pumped([line(4) + line(5) + line(6)], 5)).flat().map(({ seq }) => seq)).toEqual([6]);
});

it('writes at most 50 at a time', async () => {
  const lines = Array.from({ length: 120 }, (_, index) => line(index + 1)).join('');
  expect((await pumped([lines])).map(({ length }) => length)).toEqual([50, 50, 20]);
});

it.each([
  ['no JSON', 'nonsense\n'],
  ['no event', '{"seq":1}\n'],
  ['a log text above the limit', line(1, 'x'.repeat(20_000))],
  ['an endless line', 'x'.repeat(200_000)],
])('throws for %s', async (_, chunk) => {
  await expect(pumped([chunk])).rejects.toThrow();
});

it.each(['password=hunter2\n', '{"password=hunter2":1,"seq":"password=hunter2","type":"password=hunter2"}\n'])(
  'does not quote in its error what an agent sent (%s)',
  async (chunk) => {
    const thrown = await pumped([chunk]).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    expect(inspect(thrown)).not.toMatch(/hunter2|password/);
  },
);
