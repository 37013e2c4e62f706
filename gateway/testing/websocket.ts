import { connect, type Socket } from 'node:net';
import { setImmediate as aTurn } from 'node:timers/promises';

/** A frame as a client sends it; everything that RFC 6455 forbids can be said, too. */
export interface Frame {
  opcode: number;
  payload?: Buffer;
  /** Left out, the message's last. */
  fin?: false;
  /** The three reserved bits, 0–7. */
  rsv?: number;
}

/** The same for all, so that equal frames are equal bytes. */
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

export interface Dialled {
  port: number;
  host: string;
  path: string;
  headers?: Record<string, string>;
}

export interface Exchange {
  bytes: Buffer;
  /** Written in pieces of so many bytes, each in a turn of its own; left out, at once. */
  chop?: number;
  /** The first bytes go out together with the handshake. */
  eager?: boolean;
}

/** What came back: the answer to the handshake, without what differs from one connection to the next, and all bytes after it. */
export interface Echo {
  status: string;
  headers: string[];
  bytes: Buffer;
  /** How the other side ended the connection. */
  end: 'ended' | 'broken';
}

const handshake = ({ host, path, headers = {} }: Dialled): string =>
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
const read = (all: Buffer, end: Echo['end']): Echo => {
  const at = all.indexOf(headEnd);
  const [status = '', ...lines] = all.subarray(0, at).toString('latin1').split('\r\n');
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())).sort();
  return { status, headers, bytes: all.subarray(at + headEnd.length), end };
};

/** Sends bytes on a WebSocket of its own, and reads until the other side ends it. */
export const exchange = async (dialled: Dialled, { bytes, chop, eager = false }: Exchange): Promise<Echo> => {
  const socket = connect({ port: dialled.port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  let end: Echo['end'] = 'broken';
  const { promise: upgraded, resolve } = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    resolve();
  });
  socket.on('end', () => {
    end = 'ended';
  });
  // Told by `end`: a connection that is reset while it is written to has said what it had to say.
  socket.on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  socket.once('close', resolve);
  const head = Buffer.from(handshake(dialled));
  socket.write(eager ? Buffer.concat([head, bytes]) : head);
  await upgraded;
  if (!eager) await write(socket, bytes, chop);
  await closed;
  return read(Buffer.concat(chunks), end);
};

const write = async (socket: Socket, bytes: Buffer, chop = bytes.length): Promise<void> => {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += chop) {
    socket.write(bytes.subarray(at, at + chop));
    await aTurn();
  }
};
