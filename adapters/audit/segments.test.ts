import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../contracts/audit.ts';
import { runUntilKilled } from '../../test/support/run-until-killed.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type ReadAuditOptions, readAuditSegments } from './read-segments.ts';
import { type AuditSegments, type AuditSegmentsOptions, openAuditSegments } from './segments.ts';

let parent: string;
let folder: string;
const opened: AuditSegments[] = [];
const open = async (options?: AuditSegmentsOptions): Promise<AuditSegments> => {
  const segments = await openAuditSegments(folder, options);
  opened.push(segments);
  return segments;
};
const close = async () => {
  for (const segments of opened.splice(0)) await segments.close();
};

beforeEach(() => {
  parent = temporaryFolder();
  folder = join(parent, 'audit');
});
afterEach(async () => {
  await close();
});

const event = (seq: number, subject = 'ws-1'): AuditEvent => ({
  id: `${subject}#${seq}`,
  subject,
  seq,
  at: '2026-01-02T03:04:05.000Z',
  action: 'workspace.start',
  actor: 'system',
  outcome: 'success',
  details: { note: 'naïve 😀\nsecond line' },
  previous: 'x',
  hash: 'y',
});
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => event(from + n));
const files = () =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
const only = () => files()[0] ?? '';
const read = async (): Promise<AuditEvent[]> => {
  const found: AuditEvent[] = [];
  for await (const one of readAuditSegments(folder)) found.push(one);
  return found;
};

describe('writing', () => {
  it('stores events in order, across a restart', async () => {
    await (await open()).put(events(1, 2));
    await close();
    await (await open()).put(events(3, 4));
    expect(await read()).toEqual(events(1, 4));
    expect(files()).toHaveLength(1);
  });

  it('stores the events of many concurrent puts', async () => {
    const segments = await open({ maxBytes: 2_000 });
    await Promise.all(events(1, 200).map((one) => segments.put([one])));
    expect(await read()).toEqual(events(1, 200));
  });

  it('resolves when the lines are in the file', async () => {
    await (await open()).put(events(1, 1));
    expect(readFileSync(only(), 'utf8')).toBe(`${JSON.stringify(event(1))}\n`);
  });

  it('begins a new segment after maxBytes, whose name sorts after the last', async () => {
    const segments = await open({ maxBytes: 500 });
    for (const one of events(1, 9)) await segments.put([one]);
    expect(files().length).toBeGreaterThan(2);
    for (const file of files()) expect(statSync(file).size).toBeLessThan(1_000);
    expect(await read()).toEqual(events(1, 9));
  });

  it('names a new segment after the last even if the clock went back', async () => {
    mkdirSync(folder);
    const future = join(folder, '2999-12-31T23-59-59.999Z.ndjson');
    writeFileSync(future, `${JSON.stringify(event(1))}\n`);
    await (await open({ maxBytes: 1 })).put([event(2)]);
    expect(files()[1]).toBe(join(folder, '3000-01-01T00-00-00.000Z.ndjson'));
    expect(await read()).toEqual(events(1, 2));
  });

  it('is readable by its owner only', async () => {
    await (await open()).put(events(1, 1));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(only()).mode & 0o777).toBe(0o600);
  });

  it('rejects a put after close, and waits for earlier ones', async () => {
    const segments = await open();
    const put = segments.put(events(1, 1));
    await segments.close();
    opened.pop();
    await put;
    await expect(segments.put(events(2, 2))).rejects.toThrow('closed');
    expect(await read()).toEqual(events(1, 1));
  });

  it('throws an error with the path if the folder cannot be created', async () => {
    writeFileSync(join(parent, 'file'), '');
    folder = join(parent, 'file', 'audit');
    await expect(open()).rejects.toMatchObject({ name: 'internal', message: expect.stringContaining(folder) });
  });

  it('ignores files that are not segments', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.ndjson'), 'x');
    await (await open()).put(events(1, 1));
    expect(await read()).toEqual(events(1, 1));
  });
});

describe('a torn last line', () => {
  it.each([1, 10, 100_000])(
    'of %i bytes is truncated on opening, and not joined with the next event',
    async (bytes) => {
      await (await open()).put(events(1, 2));
      await close();
      appendFileSync(only(), JSON.stringify(event(3)).padEnd(bytes, 'x').slice(0, bytes));
      expect(await read()).toEqual(events(1, 2));
      await (await open()).put(events(3, 4));
      expect(await read()).toEqual(events(1, 4));
    },
  );

  it('may be the only line', async () => {
    await (await open()).put(events(1, 1));
    await close();
    truncateSync(only(), 10);
    await (await open()).put(events(1, 1));
    expect(await read()).toEqual(events(1, 1));
  });

  it('of a killed process does not affect events whose put resolved', async () => {
    const program = `
      import { openAuditSegments } from ${JSON.stringify(new URL('./segments.ts', import.meta.url).href)};
      const event = ${JSON.stringify(event(1))};
      const segments = await openAuditSegments(${JSON.stringify(folder)}, { maxBytes: 5_000 });
      for (let seq = 1; ; seq += 1) {
        await segments.put([{ ...event, seq, id: 'ws-1#' + seq }]);
        process.stdout.write(seq + '\\n');
      }`;
    const acknowledged = await runUntilKilled(program, 50);
    await open();
    const seqs = (await read()).map(({ seq }) => seq);
    expect(seqs.length).toBeGreaterThanOrEqual(acknowledged);
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
  });
});

it('a put on a full disk is rejected, and its partial line is truncated before the next', async () => {
  const program = `
    import { openAuditSegments } from ${JSON.stringify(new URL('./segments.ts', import.meta.url).href)};
    process.on('SIGXFSZ', () => {});
    const segments = await openAuditSegments(${JSON.stringify(folder)});
    const event = ${JSON.stringify(event(1))};
    await segments.put([event]);
    const refused = await segments.put([{ ...event, details: { note: 'x'.repeat(20_000) } }]).catch(({ code }) => code);
    await segments.put([{ ...event, seq: 2, id: 'ws-1#2' }]);
    await segments.close();
    process.stdout.write(refused);`;
  const limited = ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync('/bin/sh', limited, { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'EFBIG', stderr: '' });
  expect(await read()).toEqual(events(1, 2));
});

describe('reading', () => {
  it('returns each ID once', async () => {
    const segments = await open({ maxBytes: 500 });
    await segments.put(events(1, 3));
    await segments.put([...events(2, 4), event(1, 'ws-2')]);
    expect(await read()).toEqual([...events(1, 4), event(1, 'ws-2')]);
  });

  it.each([
    ['that is not JSON', '{"half":'],
    ['that is not an event', '{"id":"ws-1#2"}'],
  ])('throws an error with file and line for a line %s, after the events before it', async (_, text) => {
    await (await open()).put(events(1, 1));
    appendFileSync(only(), `${text}\n${JSON.stringify(event(3))}\n`);
    const found: AuditEvent[] = [];
    const reading = async () => {
      for await (const one of readAuditSegments(folder)) found.push(one);
    };
    await expect(reading()).rejects.toMatchObject({
      name: 'internal',
      message: expect.stringContaining(`Line 2 of the audit file ${only()} `),
    });
    expect(found).toEqual(events(1, 1));
  });

  it('does not skip a torn line before the end', async () => {
    const segments = await open({ maxBytes: 1 });
    await segments.put(events(1, 2));
    await segments.put(events(3, 3));
    truncateSync(only(), statSync(only()).size - 1);
    await expect(read()).rejects.toThrow(`Line 2 of the audit file ${only()} `);
  });

  it('throws an error with the path if the folder does not exist', async () => {
    await expect(read()).rejects.toMatchObject({ name: 'internal', message: expect.stringContaining(folder) });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('following', () => {
  const givenFollower = (options?: ReadAuditOptions) => {
    const abort = new AbortController();
    const found: AuditEvent[] = [];
    const ended = (async () => {
      const following = readAuditSegments(folder, { follow: true, signal: abort.signal, ...options });
      for await (const one of following) found.push(one);
    })();
    const end = () => {
      abort.abort();
      return ended;
    };
    return { found, end };
  };

  it('returns every event across segments until it is aborted', async () => {
    const segments = await open({ maxBytes: 1_000 });
    await segments.put(events(1, 3));
    const { found, end } = givenFollower();
    for (const one of events(4, 40)) await segments.put([one]);
    await expect.poll(() => found).toEqual(events(1, 40));
    await end();
    await segments.put(events(41, 41));
    expect(found).toHaveLength(40);
  });

  it('does not depend on events of the file system', async () => {
    const segments = await open();
    const { found, end } = givenFollower({ pollMs: 10 });
    await segments.put(events(1, 1));
    await expect.poll(() => found).toEqual(events(1, 1));
    await end();
  });

  it('waits for the end of a line, and reads the line that replaces a torn one', async () => {
    await (await open()).put(events(1, 1));
    await close();
    const { found, end } = givenFollower({ pollMs: 10 });
    const line = `${JSON.stringify(event(2))}\n`;
    appendFileSync(only(), line.slice(0, 50));
    await expect.poll(() => found).toEqual(events(1, 1));
    await (await open()).put([event(3), event(2)]);
    await expect.poll(() => found).toEqual([event(1), event(3), event(2)]);
    await end();
  });
});
