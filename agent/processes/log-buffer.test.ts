import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { logChunkLimit } from '../../contracts/agent/wire.ts';
import { LogBuffer } from './log-buffer.ts';

afterEach(() => void vi.useRealTimers());

const givenLog = () => {
  const chunks: string[] = [];
  const log = new LogBuffer((text) => chunks.push(text));
  return { log, chunks, text: () => chunks.join('') };
};

const splitAt = (bytes: Buffer, positions: number[]): Buffer[] => {
  const cuts = [...new Set([0, ...positions.map((position) => position % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
};

describe('a log', () => {
  it('is the same text however its bytes were split', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat()), (written, positions) => {
        const { log, text } = givenLog();
        const write = log.writer();
        for (const chunk of splitAt(Buffer.from(written), positions)) write(chunk);
        log.end();
        expect(text()).toBe(written.replaceAll('\0', '␀').toWellFormed());
      }),
    );
  });

  it('is emitted in chunks within the limit that do not cut characters', () => {
    const { log, chunks, text } = givenLog();
    const written = `a${'😀'.repeat(20_000)}`;
    log.writer()(Buffer.from(written));
    log.end();
    expect(text()).toBe(written);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) {
      expect(chunk.length).toBeLessThanOrEqual(logChunkLimit);
      expect(chunk.isWellFormed()).toBe(true);
    }
  });

  it('is emitted within 200 ms, before its end', () => {
    vi.useFakeTimers();
    const { log, text } = givenLog();
    log.writer()(Buffer.from('soon'));
    expect(text()).toBe('');
    vi.advanceTimersByTime(200);
    expect(text()).toBe('soon');
  });

  it('keeps the first 512 KiB and the last 64 KiB, and reports how much was omitted', () => {
    const { log, text } = givenLog();
    const write = log.writer();
    for (let line = 0; line < 200_000; line += 1) write(Buffer.from(`${String(line).padStart(9, '0')}\n`));
    log.end();
    const omitted = 2_000_000 - Math.floor((512 * 1024) / 10) * 10 - 64 * 1024;
    expect(text()).toContain(`\n[${omitted} bytes of the log were omitted]\n`);
    expect(text().startsWith('000000000\n000000001\n')).toBe(true);
    expect(text().endsWith('000199998\n000199999\n')).toBe(true);
  });

  it('omits nothing just above the first limit', () => {
    const { log, text } = givenLog();
    const written = 'x'.repeat(512 * 1024);
    const write = log.writer();
    write(Buffer.from(written));
    write(Buffer.from('and the end'));
    log.end();
    expect(text()).toBe(`${written}and the end`);
  });

  it('has a last line without colors', () => {
    const { log } = givenLog();
    log.writer()(Buffer.from('first\n\u001b[31merror: no disk\u001b[0m\n\n'));
    log.end();
    expect(log.lastLine()).toBe('error: no disk');
  });

  it('ignores writes after its end', () => {
    const { log, text } = givenLog();
    const write = log.writer();
    write(Buffer.from('in time'));
    log.end();
    write(Buffer.from('too late'));
    log.end();
    expect(text()).toBe('in time');
  });
});
