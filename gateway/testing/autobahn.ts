import { deflateRawSync } from 'node:zlib';
import { type Exchange, type Frame, frameBytes } from './websocket.ts';

/** A case of the Autobahn test suite, named by its number there, and what its client sends. */
export interface Case extends Exchange {
  name: string;
}

const text = (payload: string | Buffer, more: Partial<Frame> = {}): Frame => ({
  opcode: 1,
  payload: Buffer.from(payload),
  ...more,
});
const binary = (payload: string | Buffer, more: Partial<Frame> = {}): Frame => ({ ...text(payload, more), opcode: 2 });
const next = (payload: string | Buffer, more: Partial<Frame> = {}): Frame => ({ ...text(payload, more), opcode: 0 });
const ping = (payload: string | Buffer = ''): Frame => ({ opcode: 9, payload: Buffer.from(payload) });
const pong = (payload: string | Buffer = ''): Frame => ({ opcode: 10, payload: Buffer.from(payload) });
const close = (code?: number, reason: string | Buffer = ''): Frame => ({
  opcode: 8,
  payload:
    code === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]),
});
const more = { fin: false } as const;

/** The client closes the connection at the end of a case that does not end it otherwise. */
const caseOf = (name: string, frames: Frame[], how: Omit<Exchange, 'bytes'> = {}): Case => ({
  name,
  bytes: Buffer.concat([...frames, close(1000)].map(frameBytes)),
  ...how,
});

const numbered = (section: string, cases: (Frame[] | [Frame[], Omit<Exchange, 'bytes'>])[]): Case[] =>
  cases.map((one, index) => {
    const [frames, how] = Array.isArray(one[0]) ? (one as [Frame[], object]) : [one as Frame[], {}];
    return caseOf(`${section}.${index + 1}`, frames, how);
  });

const lengths = [0, 125, 126, 127, 128, 65_535, 65_536];
const framing = [
  ...numbered('1.1', [
    ...lengths.map((length) => [text('*'.repeat(length))]),
    [[text('*'.repeat(65_536))], { chunkBytes: 997 }],
  ]),
  ...numbered('1.2', [
    ...lengths.map((length) => [binary(Buffer.alloc(length, 0xfe))]),
    [[binary(Buffer.alloc(65_536, 0xfe))], { chunkBytes: 997 }],
  ]),
];

const bytes125 = Buffer.alloc(125, 0xfe);
const tenPings = Array.from({ length: 10 }, (_, index) => ping(`payload-${index}`));
const pings = numbered('2', [
  [ping()],
  [ping('Hello, world!')],
  [ping(Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]))],
  [ping(bytes125)],
  [ping(Buffer.alloc(126, 0xfe))],
  [[ping(bytes125)], { chunkBytes: 1 }],
  [pong()],
  [pong('unsolicited pong payload')],
  [pong('unsolicited pong payload'), ping('ping payload')],
  tenPings,
  [tenPings, { chunkBytes: 1 }],
]);

const hello = 'Hello, world!';
const reserved = numbered('3', [
  [text(hello, { rsv: 1 })],
  [text(hello), text(hello, { rsv: 2 }), ping()],
  [[text(hello), text(hello, { rsv: 3 }), ping()], {}],
  [[text(hello), text(hello, { rsv: 4 }), ping()], { chunkBytes: 1 }],
  [binary(bytes125, { rsv: 5 })],
  [{ ...ping(hello), rsv: 6 }],
  [{ ...close(1000), rsv: 7 }],
]);

const unknown = (opcode: number, payload = ''): Frame => ({ opcode, payload: Buffer.from(payload) });
const opcodesFrom = (first: number): (Frame[] | [Frame[], object])[] => [
  [unknown(first)],
  [unknown(first + 1, 'reserved opcode payload')],
  [text(hello), unknown(first + 2), ping()],
  [text(hello), unknown(first + 3, hello), ping()],
  [[text(hello), unknown(first + 4, hello), ping()], { chunkBytes: 1 }],
];
const opcodes = [...numbered('4.1', opcodesFrom(3)), ...numbered('4.2', opcodesFrom(11))];

const fragments = [text('fragment1', more), ping('ping payload'), next('fragment2')];
const five = [
  text('fragment1', more),
  next('fragment2', more),
  ping('ping 1'),
  next('fragment3', more),
  next('fragment4', more),
  ping('ping 2'),
  next('fragment5'),
];
const fragmentation = numbered('5', [
  [{ ...ping('fragment1'), fin: false }, next('fragment2')],
  [{ ...pong('fragment1'), fin: false }, next('fragment2')],
  [text('fragment1', more), next('fragment2')],
  [[text('fragment1', more), next('fragment2')], {}],
  [[text('fragment1', more), next('fragment2')], { chunkBytes: 1 }],
  fragments,
  [fragments, {}],
  [fragments, { chunkBytes: 1 }],
  [next('non-continuation payload'), text(hello)],
  [[next('non-continuation payload'), text(hello)], {}],
  [[next('non-continuation payload'), text(hello)], { chunkBytes: 1 }],
  [next('non-continuation payload', more), text(hello)],
  [[next('non-continuation payload', more), text(hello)], {}],
  [[next('non-continuation payload', more), text(hello)], { chunkBytes: 1 }],
  [text('fragment1', more), next('fragment2'), next('fragment3', more), text('fragment4')],
  [next('fragment1', more), text('fragment2', more), next('fragment3')],
  [next('fragment1'), text('fragment2', more), next('fragment3')],
  [text('fragment1', more), text('fragment2')],
  five,
  [five, { chunkBytes: 1 }],
]);

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
const kosme = hex('cebae1bdb9cf83cebcceb5');
const broken = hex('cebae1bdb9cf83cebcceb5f4908080656469746564');
const incomplete = 'c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf'.split(' ');
const nonCharacters = ['f0', 'f1', 'f2', 'f3', 'f4'].flatMap((first) =>
  (first === 'f4' ? ['8f'] : ['8f', '9f', 'af', 'bf'])
    .filter((second) => `${first}${second}` !== 'f08f')
    .flatMap((second) => [`${first}${second}bfbe`, `${first}${second}bfbf`]),
);

/** From Markus Kuhn's UTF-8 stress test, as in the suite; half of them are invalid UTF-8. */
const sequences: Record<string, string[]> = {
  '6.5': [
    '68656c6c6f24776f726c64',
    '68656c6c6fc2a2776f726c64',
    '68656c6c6fe282ac776f726c64',
    '68656c6c6ff0a4ada2776f726c64',
    kosme.toString('hex'),
  ],
  '6.6': range(1, kosme.length + 1).map((length) => kosme.subarray(0, length).toString('hex')),
  '6.7': ['00', 'c280', 'e0a080', 'f0908080'],
  '6.8': ['f888808080', 'fc8480808080'],
  '6.9': ['7f', 'dfbf', 'efbfbf', 'f48fbfbf'],
  '6.10': ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'],
  '6.11': ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf', 'f4908080'],
  '6.12': [
    '80',
    'bf',
    '80bf',
    '80bf80',
    '80bf80bf',
    '80bf80bf80',
    '80bf80bf80bf',
    Buffer.from(range(0x80, 0xbf)).toString('hex'),
  ],
  '6.13': [
    [0xc0, 0xdf],
    [0xe0, 0xef],
    [0xf0, 0xf7],
    [0xf8, 0xfb],
    [0xfc, 0xfd],
  ].map(([from = 0, to = 0]) => Buffer.from(range(from, to).flatMap((byte) => [byte, 0x20])).toString('hex')),
  '6.14': incomplete,
  '6.15': [incomplete.join('')],
  '6.16': ['fe', 'ff', 'fefeffff'],
  '6.17': ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'],
  '6.18': ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'],
  '6.19': ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'],
  '6.20': ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'],
  '6.21': ['a080', 'a080', 'adbf', 'adbf', 'ae80', 'ae80', 'afbf', 'afbf'].map(
    (high, index) => `ed${high}ed${index % 2 === 0 ? 'b080' : 'bfbf'}`,
  ),
  '6.22': ['efbfbe', 'efbfbf', ...nonCharacters],
  '6.23': ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'],
};

const bytewise = (payload: Buffer): Frame[] =>
  [...payload].map((byte, index) => ({
    opcode: index === 0 ? 1 : 0,
    payload: Buffer.of(byte),
    ...(index === payload.length - 1 ? {} : more),
  }));

const utf8 = [
  ...numbered('6.1', [
    [text('')],
    [text('', more), next('', more), next('')],
    [text('', more), next('middle frame payload', more), next('')],
  ]),
  ...numbered('6.2', [
    [text('Hello-µ@ßöäüàá-UTF-8!!')],
    [text('Hello-µ@ßöä', more), next('üàá-UTF-8!!')],
    bytewise(Buffer.from('Hello-µ@ßöäüàá-UTF-8!!')),
    bytewise(kosme),
  ]),
  ...numbered('6.3', [[text(broken)], bytewise(broken)]),
  ...numbered('6.4', [
    [text(broken.subarray(0, 11), more), next(hex('f4908080'), more), next('edited')],
    [text(broken.subarray(0, 12), more), next(hex('90'), more), next('')],
    [[text(broken)], { chunkBytes: 11 }],
    [[text(broken)], { chunkBytes: 1 }],
  ]),
  ...Object.entries(sequences).flatMap(([section, all]) =>
    numbered(
      section,
      all.map((sequence) => [text(hex(sequence))]),
    ),
  ),
];

const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const closing = [
  ...numbered('7.1', [
    [text(hello), close(1000)],
    [close(1000), close(1000)],
    [close(1000), ping()],
    [close(1000), text(hello)],
    [text('fragment1', more), close(1000), next('fragment2')],
    [text('BAsd7&jh23'.repeat(26_214)), text(hello), close(1000), ping()],
  ]),
  ...numbered('7.3', [
    [close()],
    [{ opcode: 8, payload: Buffer.of(0x03) }],
    [close(1000)],
    [close(1000, 'Hello World!')],
    [close(1000, '*'.repeat(123))],
    [close(1000, '*'.repeat(124))],
  ]),
  ...numbered('7.5', [[close(1000, broken)]]),
  ...numbered(
    '7.7',
    validCodes.map((code) => [close(code, 'good bye')]),
  ),
  ...numbered(
    '7.9',
    invalidCodes.map((code) => [close(code)]),
  ),
  ...numbered('7.13', [[close(5000)], [close(65_535)]]),
];

const kilo = 1024;
const inFragments = (payload: Buffer, size: number, first: Frame['opcode']): Frame[] =>
  range(0, payload.length, size).map((at) => ({
    opcode: at === 0 ? first : 0,
    payload: payload.subarray(at, at + size),
    ...(at + size >= payload.length ? {} : more),
  }));
const limits = [
  ...numbered(
    '9.1',
    [64, 256, 1024, 4096].map((kilos) => [text('*'.repeat(kilos * kilo))]),
  ),
  ...numbered(
    '9.2',
    [64, 256, 1024, 4096].map((kilos) => [binary(Buffer.alloc(kilos * kilo, 0xfe))]),
  ),
  ...numbered(
    '9.3',
    [64, 1024, 16_384, 262_144].map((size) => inFragments(Buffer.alloc(512 * kilo, 0x2a), size, 1)),
  ),
  ...numbered(
    '9.4',
    [64, 1024, 16_384, 262_144].map((size) => inFragments(Buffer.alloc(512 * kilo, 0xfe), size, 2)),
  ),
  ...numbered(
    '9.5',
    [64, 256, 1024, 2048].map((chunkBytes) => [[text('*'.repeat(256 * kilo))], { chunkBytes }]),
  ),
  ...numbered(
    '9.6',
    [64, 256, 1024, 2048].map((chunkBytes) => [[binary(Buffer.alloc(256 * kilo, 0xfe))], { chunkBytes }]),
  ),
  ...numbered(
    '9.7',
    [0, 16, 64, 256].map((size) => range(0, 500).map(() => text('*'.repeat(size)))),
  ),
  ...numbered(
    '9.8',
    [1024, 4096, 16_384].map((size) => range(0, 200).map(() => binary(Buffer.alloc(size, 0xfe)))),
  ),
];
const autoFragmentation = numbered('10.1', [inFragments(Buffer.alloc(65_536, 0x2a), 1300, 1)]);

/** Not in the suite: a client that does not wait for the response to its handshake. */
const eager = numbered('0', [
  [[text(hello)], { eager: true }],
  [[binary(Buffer.alloc(100_000, 0xfe)), ping('p')], { eager: true }],
]);

export const plainCases: Case[] = [
  ...eager,
  ...framing,
  ...pings,
  ...reserved,
  ...opcodes,
  ...fragmentation,
  ...utf8,
  ...closing,
  ...limits,
  ...autoFragmentation,
];

/** What a client may offer (RFC 7692); the suite's sections 12 and 13. */
export const deflateOffers: Record<string, string> = {
  '12.1': 'permessage-deflate',
  '13.1': 'permessage-deflate; client_no_context_takeover; client_max_window_bits',
  '13.2': 'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  '13.3': 'permessage-deflate; client_max_window_bits; server_max_window_bits=9',
  '13.4': 'permessage-deflate; client_max_window_bits; server_max_window_bits=15',
  '13.5': 'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
  '13.6': 'permessage-deflate; server_no_context_takeover; server_max_window_bits=15',
  '13.7':
    'permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate',
  'an unknown extension': 'x-webkit-deflate-frame',
};

/** Each message is compressed by itself, which every negotiated set of parameters allows. */
const deflated = (payload: Buffer): Buffer =>
  deflateRawSync(payload, { windowBits: 9, finishFlush: 2 }).subarray(0, -4);

const jsonOf = (size: number): Buffer =>
  Buffer.from(`{"items":[${range(0, 1 + size / 32).map((at) => `{"id":${at},"name":"item ${at}"}`)}]}`).subarray(
    0,
    size,
  );

export const deflateCases: Case[] = numbered('', [
  ...[16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map((size) =>
    range(0, 4).map(() => text(deflated(jsonOf(size)), { rsv: 4 })),
  ),
  inFragments(deflated(jsonOf(65_536)), 256, 1).map((frame, index) => (index === 0 ? { ...frame, rsv: 4 } : frame)),
  [[text(deflated(jsonOf(4096)), { rsv: 4 }), text('not deflated'), ping('p')], { chunkBytes: 1 }],
  [text('no deflated data', { rsv: 4 })],
]);
