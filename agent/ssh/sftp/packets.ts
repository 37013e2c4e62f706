import type { Readable } from 'node:stream';

/** The requests of SFTP version 3 (draft-ietf-secsh-filexfer-02), as OpenSSH implements it. */
export const requestType = {
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

const responseType = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extendedReply: 201,
} as const;

/** OpenSSH's limits: the longest packet, and how many bytes of a file it may contain. */
export const maxPacketBytes = 256 * 1024;
export const maxDataBytes = maxPacketBytes - 1024;

/** The client broke the protocol, so its further packets cannot be understood. */
export class MalformedPacket extends Error {}

/**
 * Reads the values of a packet in order. Names are decoded as latin1, one character per byte, because a file name need
 * not be valid text.
 */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new MalformedPacket('a packet is shorter than its fields');
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

export const encodeUint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

export const encodeUint64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

export const encodeString = (value: string | Buffer): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return Buffer.concat([encodeUint32(bytes.length), bytes]);
};

const encodePacket = (type: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.of(type), ...parts]);
  return Buffer.concat([encodeUint32(body.length), body]);
};

/** Encodes responses, each to the request with this id. */
export const responses = {
  version: (extensions: Record<string, string>) =>
    encodePacket(
      responseType.version,
      encodeUint32(3),
      ...Object.entries(extensions).flatMap(([name, data]) => [encodeString(name), encodeString(data)]),
    ),
  status: (id: number, code: number, message: string) =>
    encodePacket(
      responseType.status,
      encodeUint32(id),
      encodeUint32(code),
      encodeString(Buffer.from(message)),
      encodeString('en'),
    ),
  handle: (id: number, handle: number) =>
    encodePacket(responseType.handle, encodeUint32(id), encodeString(encodeUint32(handle))),
  attributes: (id: number, attributes: Buffer) => encodePacket(responseType.attributes, encodeUint32(id), attributes),
  names: (id: number, names: readonly Buffer[]) =>
    encodePacket(responseType.name, encodeUint32(id), encodeUint32(names.length), ...names),
  extended: (id: number, ...parts: Buffer[]) => encodePacket(responseType.extendedReply, encodeUint32(id), ...parts),
  /** The file was read into `buffer` from `dataHeaderBytes` on, so that the data is not copied. */
  data: (id: number, buffer: Buffer, length: number) => {
    buffer.writeUInt32BE(dataHeaderBytes - 4 + length, 0);
    buffer.writeUInt8(responseType.data, 4);
    buffer.writeUInt32BE(id, 5);
    buffer.writeUInt32BE(length, 9);
    return buffer.subarray(0, dataHeaderBytes + length);
  },
};

export const dataHeaderBytes = 13;

/** Reads the packets of a stream. Throws `MalformedPacket` for an invalid length. */
export async function* readPackets(stream: Readable): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted: number | undefined;
  // By default the end of the loop would destroy the stream, whose writable half is still needed.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    for (;;) {
      if (size < (wanted ?? 4)) break;
      let all: Buffer = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
      if (wanted === undefined) {
        wanted = 4 + all.readUInt32BE(0);
        if (wanted > maxPacketBytes + 4 || wanted < 5) throw new MalformedPacket('a packet has an invalid length');
      }
      if (size >= wanted) {
        yield all.subarray(4, wanted);
        all = all.subarray(wanted);
        wanted = undefined;
      }
      chunks = [all];
      size = all.length;
    }
  }
}
