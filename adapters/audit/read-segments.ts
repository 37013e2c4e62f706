import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { AuditEvent } from '../../contracts/events.ts';
import { BerthError } from '../../core/errors.ts';
import { watchFolder } from './folder-watch.ts';
import { listSegments } from './segment-files.ts';

export interface ReadAuditOptions {
  /** Waits for new events after the last, until `signal` aborts. */
  follow?: boolean;
  signal?: AbortSignal;
  /** Looks by itself after so many milliseconds when the file system tells of no change. */
  pollMs?: number;
}

/** How far a segment was read: always to the end of a line, for a torn one may be cut off and written anew. */
interface Place {
  name: string;
  offset: number;
  line: number;
}

const newline = 0x0a;

const damaged = (file: string, line: number, cause?: unknown): BerthError =>
  new BerthError(
    'internal',
    `Line ${line} of the audit file ${file} is damaged: restore the file from a backup. The lines before it are whole.`,
    { cause },
  );

const parseLine = (text: string, file: string, line: number): AuditEvent => {
  try {
    return AuditEvent.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, line, error);
  }
};

/** The whole lines after `place`, which moves along. A last line without its end is still being written. */
async function* readLines(file: string, place: Place, isLast: boolean): AsyncGenerator<AuditEvent> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: place.offset })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      place.line += 1;
      place.offset += end + 1;
      yield parseLine(rest.toString('utf8', 0, end), file, place.line);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0 && !isLast) throw damaged(file, place.line + 1);
}

/**
 * All events of a folder of audit segments, oldest first, each id once. With `follow` also those to come.
 * A damaged line throws a `BerthError` `internal` that names file and line.
 */
export async function* readAuditSegments(
  folder: string,
  { follow = false, signal, pollMs = 1_000 }: ReadAuditOptions = {},
): AsyncGenerator<AuditEvent> {
  const seen = new Set<string>();
  let place: Place = { name: '', offset: 0, line: 0 };

  async function* readNew(): AsyncGenerator<AuditEvent> {
    // Listed before they are read: a segment that has one after it grows no more.
    const names = (await listSegments(folder)).filter((name) => name >= place.name);
    for (const name of names) {
      if (name !== place.name) place = { name, offset: 0, line: 0 };
      for await (const event of readLines(join(folder, name), place, name === names.at(-1))) {
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
