import { StringDecoder } from 'node:string_decoder';
import { logChunkLimit } from '../contracts/wire.ts';
import { Ring } from './ring.ts';

const headLimit = 512 * 1024;
const tailLimit = 64 * 1024;
const flushMs = 200;

/** A NUL breaks what stores text and half a surrogate pair what encodes it. */
const harmless = (text: string): string => text.replaceAll('\0', '\u2400').toWellFormed();

const esc = '\u001b';
/** What a terminal takes for colours and movements, which have no place in a message. */
const colours = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g');

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

/** Pieces of at most `logChunkLimit` characters that cut no surrogate pair. */
function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + logChunkLimit);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** Decodes bytes that may begin inside a character. */
const decodeFromMiddle = (bytes: Buffer): string => {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start === -1 ? '' : bytes.toString('utf8', start);
};

/**
 * The log of one step, in bounded memory: the first 512 KiB are handed on as they come, at the latest every 200 ms;
 * of the rest the last 64 KiB, at the end, behind a line that says how many bytes were left out.
 */
export class LogBuffer {
  readonly #emit: (text: string) => void;
  #headBytes = 0;
  #tail: Ring | undefined;
  #pending = '';
  #recent = '';
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  /** A sink for one byte stream; each decodes for itself, so that streams may interleave inside a character. */
  writer(): (chunk: Buffer) => void {
    const decoder = new StringDecoder('utf8');
    return (chunk) => {
      if (this.#ended) return;
      if (this.#tail === undefined && this.#headBytes + chunk.length <= headLimit) {
        this.#headBytes += chunk.length;
        this.#append(decoder.write(chunk));
        return;
      }
      this.#tail ??= new Ring(tailLimit);
      this.#tail.write(chunk);
    };
  }

  /** A line of the agent's own. */
  note(line: string): void {
    this.#append(`${line}\n`);
  }

  /** A line of the agent's own, before another command: what was said until here is no last line of that one's. */
  section(line: string): void {
    this.note(line);
    this.#flush();
    this.#recent = '';
  }

  /** Hands on what is left; anything written later is dropped. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#tail !== undefined) {
      if (this.#tail.lost > 0) this.#append(`\n[${this.#tail.lost} bytes of log left out]\n`);
      this.#append(decodeFromMiddle(this.#tail.read()));
    }
    this.#flush();
  }

  /** The last line that is not empty, or the last of those that match; at most 200 characters, for a message. */
  lastLine(telling = /./): string {
    const lines = this.#recent
      .replace(colours, '')
      .split(/[\r\n]/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const found = lines.findLast((line) => telling.test(line)) ?? lines.at(-1) ?? '';
    return found.slice(0, 200).toWellFormed();
  }

  #append(text: string): void {
    this.#pending += harmless(text);
    if (this.#pending.length >= logChunkLimit) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#pending;
    this.#pending = '';
    this.#recent = (this.#recent + text).slice(-2_000);
    for (const piece of pieces(text)) this.#emit(piece);
  }
}
