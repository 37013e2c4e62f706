import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { AuditStream } from '../../core/ports/audit-stream.ts';
import { listSegments, makeFolder, nextSegmentName, syncFolder } from './segment-files.ts';
import { truncateTornLine } from './torn-line.ts';

export interface AuditSegmentsOptions {
  /** Size in bytes after which a new segment begins. */
  maxBytes?: number;
}

export interface AuditSegments extends AuditStream {
  /** Waits for pending writes. A later `put` is rejected. */
  close(): Promise<void>;
}

const sixteenMiB = 16 * 1024 * 1024;

interface Segment {
  name: string;
  handle: FileHandle;
  bytes: number;
}

const openSegment = async (folder: string, name: string): Promise<Segment> => {
  const handle = await open(join(folder, name), 'a', 0o600);
  return { name, handle, bytes: await truncateTornLine(join(folder, name)) };
};

const createSegment = async (folder: string, last: string | undefined): Promise<Segment> => {
  const segment = await openSegment(folder, nextSegmentName(last, Date.now()));
  await syncFolder(folder);
  return segment;
};

const openLast = async (folder: string): Promise<Segment> => {
  const last = (await listSegments(folder)).at(-1);
  return last === undefined ? createSegment(folder, undefined) : openSegment(folder, last);
};

const linesOf = (events: readonly AuditEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/**
 * Stores the audit stream as NDJSON segments in a folder, for one process at a time. Complete lines are never removed,
 * because a reader may have passed them. A line that a crash tore is truncated: its `put` never resolved, so the event
 * is delivered again.
 */
export const openAuditSegments = async (
  folder: string,
  { maxBytes = sixteenMiB }: AuditSegmentsOptions = {},
): Promise<AuditSegments> => {
  await makeFolder(folder);
  let segment = await openLast(folder);
  let isTorn = false;
  let isClosed = false;
  let waiting: string[] = [];
  let lastWrite: Promise<void> = Promise.resolve();

  const rotate = async (): Promise<void> => {
    const next = await createSegment(folder, segment.name);
    await segment.handle.close();
    segment = next;
  };

  const append = async (lines: string): Promise<void> => {
    // A write that failed half-way, for example on a full disk, may have left part of a line.
    if (isTorn) segment.bytes = await truncateTornLine(join(folder, segment.name));
    isTorn = true;
    if (segment.bytes >= maxBytes) await rotate();
    await segment.handle.appendFile(lines);
    await segment.handle.sync();
    segment.bytes += Buffer.byteLength(lines);
    isTorn = false;
  };

  /** Events that arrive during a write share the next write and its fsync. */
  const writeWaiting = (): Promise<void> => {
    const lines = waiting.join('');
    waiting = [];
    return append(lines);
  };

  return {
    put: async (events) => {
      if (isClosed) throw new Error(`the audit segments in ${folder} are closed`);
      if (events.length === 0) return;
      waiting.push(linesOf(events));
      // The first waiter begins the next write after the previous one. A failure of that one concerns its own callers.
      if (waiting.length === 1) lastWrite = lastWrite.then(writeWaiting, writeWaiting);
      await lastWrite;
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled([lastWrite]);
      await segment.handle.close();
    },
  };
};
