import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logChunkLimit } from '../contracts/wire.ts';
import { LogBuffer } from './log-buffer.ts';

const givenLog = () => {
  const pieces: string[] = [];
  const log = new LogBuffer((text) => pieces.push(text));
  return { log, pieces, text: () => pieces.join('') };
};

const cutAt = (bytes: Buffer, places: number[]): Buffer[] => {
  const cuts = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
};

describe('a log', () => {
  it('is the same text however its bytes were cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat()), (said, places) => {
        const { log, text } = givenLog();
        const write = log.writer();
        for (const chunk of cutAt(Buffer.from(said), places)) write(chunk);
        log.end();
        expect(text()).toBe(said.replaceAll('\0', '␀').toWellFormed());
      }),
    );
  });

  it('comes in pieces within the limit that cut no character', () => {
    const { log, pieces, text } = givenLog();
    const said = `a${'😀'.repeat(20_000)}`;
    log.writer()(Buffer.from(said));
    log.end();
    expect(text()).toBe(said);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(logChunkLimit);
      expect(piece.isWellFormed()).toBe(true);
    }
  });

  it('comes within 200 ms, without an end', async () => {
    const { log, text } = givenLog();
    log.writer()(Buffer.from('soon'));
    expect(text()).toBe('');
    await expect.poll(text, { timeout: 400, interval: 10 }).toBe('soon');
  });

  it('keeps the first 512 KiB and the last 64 KiB, and says what is missing', () => {
    const { log, text } = givenLog();
    const write = log.writer();
    for (let line = 0; line < 200_000; line += 1) write(Buffer.from(`${String(line).padStart(9, '0')}\n`));
    log.end();
    const missing = 2_000_000 - Math.floor((512 * 1024) / 10) * 10 - 64 * 1024;
    expect(text()).toContain(`\n[${missing} bytes of log left out]\n`);
    expect(text().startsWith('000000000\n000000001\n')).toBe(true);
    expect(text().endsWith('000199998\n000199999\n')).toBe(true);
  });

  it('loses nothing just above the first limit', () => {
    const { log, text } = givenLog();
    const said = 'x'.repeat(512 * 1024);
    const write = log.writer();
    write(Buffer.from(said));
    write(Buffer.from('and the end'));
    log.end();
    expect(text()).toBe(`${said}and the end`);
  });

  it('knows its last line, without colours', () => {
    const { log } = givenLog();
    log.writer()(Buffer.from('first\n\u001b[31merror: no disk\u001b[0m\n\n'));
    log.end();
    expect(log.lastLine()).toBe('error: no disk');
  });

  it('takes nothing after its end', () => {
    const { log, text } = givenLog();
    const write = log.writer();
    write(Buffer.from('in time'));
    log.end();
    write(Buffer.from('too late'));
    log.end();
    expect(text()).toBe('in time');
  });
});
