/**
 * What is said on a tunnel. A binary WebSocket message is a sequence of whole frames; a frame is a header (type: 1 byte,
 * length of the payload: 3, stream: 4, big endian) and its payload.
 *
 * - `open` (of the dialled end alone): a new stream, by an id above all before it, to the authority in the payload (UTF-8).
 * - `accept`, `refuse` (payload: a status as in HTTP, 2 bytes): the answer. Bytes may be sent before it comes.
 * - `data`: bytes of the stream, as many as the other end gave credit for.
 * - `credit` (payload: 4 bytes): so much more may be sent.
 * - `end`: no more bytes in this direction. `reset`: the stream is over in both.
 *
 * A stream begins with `window` of credit each way. A frame of data costs its length, and never less than `leastCost`, so
 * that no number of tiny ones fills a memory. Frames of streams that are over are passed over: they crossed the reset.
 */
export const frameType = { open: 1, accept: 2, refuse: 3, data: 4, credit: 5, end: 6, reset: 7 } as const;
export type FrameType = (typeof frameType)[keyof typeof frameType];

export const window = 128 * 1024;
export const leastCost = 256;
/** Streams that may be open on a tunnel at once: with their windows, 128 MiB if nobody reads any of them. */
export const mostStreams = 1_000;
/** A message of this end has about this many bytes at the most. */
export const messageBytes = 64 * 1024;
/** What is taken of the other end; one message, with room for what a later version may bundle. */
export const largestMessage = 1024 * 1024;
export const longestAuthority = 256;

const headerBytes = 8;

/** The other end says what this protocol does not know. The connection is of no use any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export const headerOf = (type: FrameType, stream: number, length: number): Buffer => {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt8(type, 0);
  header.writeUIntBE(length, 1, 3);
  header.writeUInt32BE(stream, 4);
  return header;
};

/** A frame without a payload, or with a number of so many bytes as its payload. */
export const frameOf = (type: FrameType, stream: number, value?: { number: number; bytes: 2 | 4 }): Buffer => {
  if (value === undefined) return headerOf(type, stream, 0);
  const frame = Buffer.allocUnsafe(headerBytes + value.bytes);
  headerOf(type, stream, value.bytes).copy(frame);
  frame.writeUIntBE(value.number, headerBytes, value.bytes);
  return frame;
};

/** Hands over the frames of a message. Throws a `ProtocolError` for one that is cut off. */
export const readFrames = (message: Buffer, take: (type: number, stream: number, payload: Buffer) => void): void => {
  let at = 0;
  while (at < message.length) {
    const begin = at + headerBytes;
    if (begin > message.length) throw new ProtocolError('a header is cut off');
    const end = begin + message.readUIntBE(at + 1, 3);
    if (end > message.length) throw new ProtocolError('a payload is cut off');
    take(message.readUInt8(at), message.readUInt32BE(at + 4), message.subarray(begin, end));
    at = end;
  }
};

/** The number in a payload of exactly so many bytes. */
export const numberIn = (payload: Buffer, bytes: 2 | 4): number => {
  if (payload.length !== bytes) throw new ProtocolError('a number has another length');
  return payload.readUIntBE(0, bytes);
};

export const costOf = (bytes: number): number => Math.max(bytes, leastCost);
