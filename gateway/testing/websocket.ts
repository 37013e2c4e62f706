import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** A frame as a client sends it, also one that RFC 6455 forbids. */
export interface Frame {
  opcode: number;
  payload?: Buffer;
  /** By default the frame is the last one of its message. */
  fin?: false;
  /** The three reserved bits, 0–7. */
  rsv?: number;
}

/** Always the same, so that equal frames have equal bytes. */
const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

const lengthOf = (length: number): Buffer => {
  if (length < 126) return Buffer.of(0x80 | length);
  if (length < 65_536) return Buffer.of(0x80 | 126, length >> 8, length & 0xff);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
};

export const frameBytes = ({ opcode, payload = Buffer.alloc(0), fin, rsv = 0 }: Frame): Buffer => {
  const masked = Buffer.from(payload);
  for (let at = 0; at < masked.length; at += 1) masked[at] = (masked[at] as number) ^ (mask[at % 4] as number);
  const first = (fin === false ? 0 : 0x80) | (rsv << 4) | opcode;
  return Buffer.concat([Buffer.of(first), lengthOf(payload.length), mask, masked]);
};

export interface Endpoint {
  port: number;
  host: string;
  path: string;
  headers?: Record<string, string>;
}

export interface Exchange {
  bytes: Buffer;
  /** Writes chunks of this size, each in its own turn of the event loop; by default everything at once. */
  chunkBytes?: number;
  /** Sends the bytes together with the handshake. */
  eager?: boolean;
}

/** What came back: the response to the handshake, and all bytes after it. */
interface Received {
  status: string;
  headers: string[];
  bytes: Buffer;
  /** How the other end closed the connection. */
  end: 'ended' | 'broken';
}

const handshake = ({ host, path, headers = {} }: Endpoint): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');

const headEnd = '\r\n\r\n';
const read = (all: Buffer, end: Received['end']): Received => {
  const at = all.indexOf(headEnd);
  const [status = '', ...lines] = all.subarray(0, at).toString('latin1').split('\r\n');
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())).sort();
  return { status, headers, bytes: all.subarray(at + headEnd.length), end };
};

/** Sends bytes on a new WebSocket, and reads until the other end closes it. */
export const exchange = async (
  endpoint: Endpoint,
  { bytes, chunkBytes, eager = false }: Exchange,
): Promise<Received> => {
  const socket = connect({ port: endpoint.port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  let end: Received['end'] = 'broken';
  const { promise: upgraded, resolve } = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    resolve();
  });
  socket.on('end', () => {
    end = 'ended';
  });
  // `end` reports it: everything that a connection sends before it is reset during a write has been read.
  socket.on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  socket.once('close', resolve);
  const head = Buffer.from(handshake(endpoint));
  socket.write(eager ? Buffer.concat([head, bytes]) : head);
  await upgraded;
  if (!eager) await write(socket, bytes, chunkBytes);
  await closed;
  return read(Buffer.concat(chunks), end);
};

const write = async (socket: Socket, bytes: Buffer, chunkBytes = bytes.length): Promise<void> => {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += chunkBytes) {
    socket.write(bytes.subarray(at, at + chunkBytes));
    await turn();
  }
};
