import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditEvent } from '../../contracts/audit.ts';
import { BerthError } from '../../core/errors.ts';
import { watchFolder } from './folder-watch.ts';
import { listSegments } from './segment-files.ts';

export interface ReadAuditOptions {
  /** Waits for new events after the last one, until `signal` aborts. */
  follow?: boolean;
  signal?: AbortSignal;
  /** Polling interval in milliseconds, for file systems that report no changes. */
  pollMs?: number;
}

/** The position in a segment. It is always at the end of a line, because a torn line may be truncated and rewritten. */
interface Position {
  name: string;
  offset: number;
  line: number;
}

const newline = 0x0a;

const damaged = (file: string, line: number, cause?: unknown): BerthError =>
  new BerthError(
    'internal',
    `Line ${line} of the audit file ${file} is damaged: restore the file from a backup. The lines before it are intact.`,
    { cause },
  );

const parseLine = (text: string, file: string, line: number): AuditEvent => {
  try {
    return AuditEvent.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, line, error);
  }
};

/** Reads the complete lines after `position` and advances it. A last line without a newline is still being written. */
async function* readLines(file: string, position: Position, isLast: boolean): AsyncGenerator<AuditEvent> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: position.offset })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      position.line += 1;
      position.offset += end + 1;
      yield parseLine(rest.toString('utf8', 0, end), file, position.line);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0 && !isLast) throw damaged(file, position.line + 1);
}

/** Returns the event that was written last, or `undefined` if there is none. */
export const lastAuditEvent = async (folder: string): Promise<AuditEvent | undefined> => {
  for (const name of (await listSegments(folder)).reverse()) {
    const file = join(folder, name);
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    const last = lines.at(-1);
    if (last !== undefined) return parseLine(last, file, lines.length);
  }
  return undefined;
};

/**
 * Returns all events of a folder of audit segments, oldest first, each ID once; with `follow`, new events too. A
 * damaged line throws a `BerthError` `internal` that names the file and line.
 */
export async function* readAuditSegments(
  folder: string,
  { follow = false, signal, pollMs = 1_000 }: ReadAuditOptions = {},
): AsyncGenerator<AuditEvent> {
  const seen = new Set<string>();
  let position: Position = { name: '', offset: 0, line: 0 };

  async function* readNew(): AsyncGenerator<AuditEvent> {
    // Segments are listed before they are read: a segment that has a successor no longer grows.
    const names = (await listSegments(folder)).filter((name) => name >= position.name);
    for (const name of names) {
      if (name !== position.name) position = { name, offset: 0, line: 0 };
      for await (const event of readLines(join(folder, name), position, name === names.at(-1))) {
        if (signal?.aborted === true) return;
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        yield event;
      }
    }
  }

  yield* readNew();
  if (!follow) return;
  const folderWatch = watchFolder(folder, pollMs, signal);
  try {
    while (signal?.aborted !== true) {
      yield* readNew();
      await folderWatch.changed();
    }
  } finally {
    folderWatch.close();
  }
}
