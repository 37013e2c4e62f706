import type { Stats } from 'node:fs';
import { type Reader, string, uint32, uint64 } from './packets.ts';

const has = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const;

export interface Attributes {
  size?: number;
  owner?: { uid: number; gid: number };
  permissions?: number;
  /** In seconds since 1970. */
  times?: { accessed: number; modified: number };
}

export const readAttributes = (reader: Reader): Attributes => {
  const flags = reader.uint32();
  const attributes: Attributes = {};
  if (flags & has.size) attributes.size = reader.uint64();
  if (flags & has.owner) attributes.owner = { uid: reader.uint32(), gid: reader.uint32() };
  if (flags & has.permissions) attributes.permissions = reader.uint32() & 0o7777;
  if (flags & has.times) attributes.times = { accessed: reader.uint32(), modified: reader.uint32() };
  return attributes;
};

export const writeAttributes = ({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Buffer =>
  Buffer.concat([
    uint32(has.size | has.owner | has.permissions | has.times),
    uint64(size),
    ...[uid, gid, mode, Math.floor(atimeMs / 1000), Math.floor(mtimeMs / 1000)].map(uint32),
  ]);

const kinds: [(stats: Stats) => boolean, string][] = [
  [(stats) => stats.isDirectory(), 'd'],
  [(stats) => stats.isSymbolicLink(), 'l'],
  [(stats) => stats.isFIFO(), 'p'],
  [(stats) => stats.isSocket(), 's'],
  [(stats) => stats.isCharacterDevice(), 'c'],
  [(stats) => stats.isBlockDevice(), 'b'],
];

const rights = (mode: number): string =>
  [...'rwxrwxrwx'].map((letter, bit) => (mode & (0o400 >> bit) ? letter : '-')).join('');

const halfAYearMs = 182 * 86_400_000;

/** As `ls -l` writes a date: the time of day for the last half year, else the year. */
const date = (at: Date, now: number): string => {
  const [, month = '', day = '', year = '', time = ''] = at.toString().split(' ');
  const recent = Math.abs(now - at.getTime()) < halfAYearMs;
  return `${month} ${day.replace(/^0/, ' ')} ${recent ? time.slice(0, 5) : ` ${year}`}`;
};

/** One entry of a listing: its name, the line of `ls -l` that clients show, its attributes. */
export const entry = (name: string, stats: Stats): Buffer => {
  const kind = kinds.find(([is]) => is(stats))?.[1] ?? '-';
  const columns = [
    kind + rights(stats.mode),
    String(stats.nlink).padStart(4),
    String(stats.uid).padEnd(8),
    String(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
    date(stats.mtime, Date.now()),
    name,
  ];
  return Buffer.concat([string(name), string(columns.join(' ')), writeAttributes(stats)]);
};

/** A name where nothing is known of what it names. */
export const bareEntry = (name: string): Buffer => Buffer.concat([string(name), string(name), uint32(0)]);
