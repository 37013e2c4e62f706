/**
 * The protocol of a tunnel. A binary WebSocket message is a sequence of whole frames. A frame is a header (type: 1
 * byte, payload length: 3 bytes, stream id: 4 bytes, big endian) and its payload.
 *
 * - `open` (sent only by the end that was dialed): opens a stream to the authority in the payload (UTF-8). Its id is
 *   greater than every earlier one.
 * - `accept`, `refuse` (payload: an HTTP status, 2 bytes): the response. The opener may send data before it arrives.
 * - `data`: bytes of the stream, within the credit that the receiver granted.
 * - `credit` (payload: 4 bytes): grants that many more bytes.
 * - `end`: no more bytes in this direction. `reset`: the stream is closed in both directions.
 *
 * Flow control: a stream starts with `initialWindow` bytes of credit each way. A data frame costs its length, but at
 * least `minFrameCost`, so that a flood of tiny frames cannot fill the receiver's memory. Frames of a stream that is
 * already closed are ignored, because they crossed the reset on the wire.
 */
export const frameType = { open: 1, accept: 2, refuse: 3, data: 4, credit: 5, end: 6, reset: 7 } as const;
type FrameType = (typeof frameType)[keyof typeof frameType];

export const initialWindow = 128 * 1024;
export const minFrameCost = 256;
/** Streams open at once on a tunnel. With their windows this bounds memory to 128 MiB if none of them is read. */
export const maxStreams = 1_000;
/** About the largest message this end sends. */
export const maxSentMessageBytes = 64 * 1024;
/** The largest message this end accepts: larger than any it sends, so that a later version may bundle more. */
export const maxReceivedMessageBytes = 1024 * 1024;
export const maxAuthorityBytes = 256;

const headerBytes = 8;

/** The other end broke the protocol: the connection cannot be used any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export const encodeHeader = (type: FrameType, stream: number, length: number): Buffer => {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt8(type, 0);
  header.writeUIntBE(length, 1, 3);
  header.writeUInt32BE(stream, 4);
  return header;
};

/** A frame without a payload, or with a number of 2 or 4 bytes as its payload. */
export const encodeFrame = (type: FrameType, stream: number, value?: { number: number; bytes: 2 | 4 }): Buffer => {
  if (value === undefined) return encodeHeader(type, stream, 0);
  const frame = Buffer.allocUnsafe(headerBytes + value.bytes);
  encodeHeader(type, stream, value.bytes).copy(frame);
  frame.writeUIntBE(value.number, headerBytes, value.bytes);
  return frame;
};

/** Calls `handle` for each frame of a message. Throws a `ProtocolError` for a truncated frame. */
export const readFrames = (message: Buffer, handle: (type: number, stream: number, payload: Buffer) => void): void => {
  let at = 0;
  while (at < message.length) {
    const begin = at + headerBytes;
    if (begin > message.length) throw new ProtocolError('a header is truncated');
    const end = begin + message.readUIntBE(at + 1, 3);
    if (end > message.length) throw new ProtocolError('a payload is truncated');
    handle(message.readUInt8(at), message.readUInt32BE(at + 4), message.subarray(begin, end));
    at = end;
  }
};

/** Reads a payload that must be one number of exactly this many bytes. */
export const readNumber = (payload: Buffer, bytes: 2 | 4): number => {
  if (payload.length !== bytes) throw new ProtocolError('a number has the wrong length');
  return payload.readUIntBE(0, bytes);
};

export const creditCost = (bytes: number): number => Math.max(bytes, minFrameCost);
