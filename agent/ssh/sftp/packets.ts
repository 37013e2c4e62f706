import type { Readable } from 'node:stream';

/** Requests of SFTP version 3, draft-ietf-secsh-filexfer-02, as OpenSSH speaks it. */
export const ask = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const;

const told = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extendedReply: 201,
} as const;

/** As OpenSSH: the longest packet, and how much of it may be a file's bytes. */
export const longestPacket = 256 * 1024;
export const mostBytes = longestPacket - 1024;

/** A client broke the protocol: it is not answered any more. */
export class BrokenPacket extends Error {}

/** Takes values out of a packet, in their order. Names are bytes, kept in latin1, for a file's name need not be text. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new BrokenPacket('a request is shorter than it says');
    this.#at += length;
    return at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64BE(this.#take(8)));
  }

  bytes(): Buffer {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    return this.bytes().toString('latin1');
  }
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

export const uint64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

export const string = (value: string | Buffer): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
};

const packet = (type: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.of(type), ...parts]);
  return Buffer.concat([uint32(body.length), body]);
};

/** The answers, each to the request of an id. */
export const answer = {
  version: (extensions: Record<string, string>) =>
    packet(
      told.version,
      uint32(3),
      ...Object.entries(extensions).flatMap(([name, data]) => [string(name), string(data)]),
    ),
  status: (id: number, code: number, message: string) =>
    packet(told.status, uint32(id), uint32(code), string(Buffer.from(message)), string('en')),
  handle: (id: number, handle: number) => packet(told.handle, uint32(id), string(uint32(handle))),
  attributes: (id: number, attributes: Buffer) => packet(told.attributes, uint32(id), attributes),
  names: (id: number, names: readonly Buffer[]) => packet(told.name, uint32(id), uint32(names.length), ...names),
  extended: (id: number, ...parts: Buffer[]) => packet(told.extendedReply, uint32(id), ...parts),
  /** A file's bytes are read to where they stand in the answer: behind `dataHead` bytes. */
  data: (id: number, buffer: Buffer, length: number) => {
    buffer.writeUInt32BE(dataHead - 4 + length, 0);
    buffer.writeUInt8(told.data, 4);
    buffer.writeUInt32BE(id, 5);
    buffer.writeUInt32BE(length, 9);
    return buffer.subarray(0, dataHead + length);
  },
};

export const dataHead = 13;

/** The packets of a stream. Throws `BrokenPacket` for one that is longer than any may be. */
export async function* packetsOf(stream: Readable): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  let wanted: number | undefined;
  // The stream's writable half goes on: by itself the loop would destroy both.
  for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held.push(piece);
    size += piece.length;
    for (;;) {
      if (size < (wanted ?? 4)) break;
      let all: Buffer = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, size);
      if (wanted === undefined) {
        wanted = 4 + all.readUInt32BE(0);
        if (wanted > longestPacket + 4 || wanted < 5) throw new BrokenPacket('a request has no possible length');
      }
      if (size >= wanted) {
        yield all.subarray(4, wanted);
        all = all.subarray(wanted);
        wanted = undefined;
      }
      held = [all];
      size = all.length;
    }
  }
}
