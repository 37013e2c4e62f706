import type { Stats } from 'node:fs';
import { encodeString, encodeUint32, encodeUint64, type PacketReader } from './packets.ts';

const attributeFlags = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const;

export interface Attributes {
  size?: number;
  owner?: { uid: number; gid: number };
  permissions?: number;
  /** In seconds since 1970. */
  times?: { accessed: number; modified: number };
}

export const readAttributes = (reader: PacketReader): Attributes => {
  const flags = reader.uint32();
  const attributes: Attributes = {};
  if (flags & attributeFlags.size) attributes.size = reader.uint64();
  if (flags & attributeFlags.owner) attributes.owner = { uid: reader.uint32(), gid: reader.uint32() };
  if (flags & attributeFlags.permissions) attributes.permissions = reader.uint32() & 0o7777;
  if (flags & attributeFlags.times) attributes.times = { accessed: reader.uint32(), modified: reader.uint32() };
  return attributes;
};

export const writeAttributes = ({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Buffer =>
  Buffer.concat([
    encodeUint32(attributeFlags.size | attributeFlags.owner | attributeFlags.permissions | attributeFlags.times),
    encodeUint64(size),
    ...[uid, gid, mode, Math.floor(atimeMs / 1000), Math.floor(mtimeMs / 1000)].map(encodeUint32),
  ]);

const kinds: [(stats: Stats) => boolean, string][] = [
  [(stats) => stats.isDirectory(), 'd'],
  [(stats) => stats.isSymbolicLink(), 'l'],
  [(stats) => stats.isFIFO(), 'p'],
  [(stats) => stats.isSocket(), 's'],
  [(stats) => stats.isCharacterDevice(), 'c'],
  [(stats) => stats.isBlockDevice(), 'b'],
];

const formatPermissions = (mode: number): string =>
  [...'rwxrwxrwx'].map((letter, bit) => (mode & (0o400 >> bit) ? letter : '-')).join('');

const halfAYearMs = 182 * 86_400_000;

/** Formats a date like `ls -l`: with the time of day in the last half year, else with the year. */
const formatDate = (at: Date, now: number): string => {
  const [, month = '', day = '', year = '', time = ''] = at.toString().split(' ');
  const recent = Math.abs(now - at.getTime()) < halfAYearMs;
  return `${month} ${day.replace(/^0/, ' ')} ${recent ? time.slice(0, 5) : ` ${year}`}`;
};

/** An entry of a listing: its name, the line of `ls -l` that clients show, and its attributes. */
export const encodeEntry = (name: string, stats: Stats): Buffer => {
  const kind = kinds.find(([is]) => is(stats))?.[1] ?? '-';
  const columns = [
    kind + formatPermissions(stats.mode),
    String(stats.nlink).padStart(4),
    String(stats.uid).padEnd(8),
    String(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
    formatDate(stats.mtime, Date.now()),
    name,
  ];
  return Buffer.concat([encodeString(name), encodeString(columns.join(' ')), writeAttributes(stats)]);
};

/** An entry without attributes, for responses that are only a name. */
export const encodeBareEntry = (name: string): Buffer =>
  Buffer.concat([encodeString(name), encodeString(name), encodeUint32(0)]);
