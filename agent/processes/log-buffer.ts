import { StringDecoder } from 'node:string_decoder';
import { logChunkLimit } from '../../contracts/agent/wire.ts';
import { RingBuffer } from './ring-buffer.ts';

const headLimit = 512 * 1024;
const tailLimit = 64 * 1024;
const flushMs = 200;

/** A NUL breaks stores of text, and half a surrogate pair breaks encoders. */
const sanitize = (text: string): string => text.replaceAll('\0', '\u2400').toWellFormed();

const esc = '\u001b';
/** Sequences for colors and cursor movements, which do not belong in a message. */
const ansiSequences = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g');

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

/** Splits text into chunks of at most `logChunkLimit` characters without cutting a surrogate pair. */
function* splitIntoChunks(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + logChunkLimit);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** Decodes bytes that may start in the middle of a character. */
const decodeFromMiddle = (bytes: Buffer): string => {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start === -1 ? '' : bytes.toString('utf8', start);
};

/**
 * The log of one step, in bounded memory. The first 512 KiB are emitted within 200 ms of being written. Of the rest,
 * the last 64 KiB are emitted at the end, after a line with the number of omitted bytes.
 */
export class LogBuffer {
  readonly #emit: (text: string) => void;
  #headBytes = 0;
  #tail: RingBuffer | undefined;
  #pending = '';
  #recent = '';
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  /** A sink for one byte stream. Each has its own decoder, so that streams may interleave within a character. */
  writer(): (chunk: Buffer) => void {
    const decoder = new StringDecoder('utf8');
    return (chunk) => {
      if (this.#ended) return;
      if (this.#tail === undefined && this.#headBytes + chunk.length <= headLimit) {
        this.#headBytes += chunk.length;
        this.#append(decoder.write(chunk));
        return;
      }
      this.#tail ??= new RingBuffer(tailLimit);
      this.#tail.write(chunk);
    };
  }

  /** Writes a heading of the agent's own before the output of another command, from which `lastLine` then starts. */
  section(heading: string): void {
    this.#append(`${heading}\n`);
    this.#flush();
    this.#recent = '';
  }

  /** Emits what is left. Later writes are ignored. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#tail !== undefined) {
      if (this.#tail.droppedBytes > 0) this.#append(`\n[${this.#tail.droppedBytes} bytes of the log were omitted]\n`);
      this.#append(decodeFromMiddle(this.#tail.read()));
    }
    this.#flush();
  }

  /** For a message: the last line that matches, else the last one that is not empty. At most 200 characters. */
  lastLine(preferred = /./): string {
    const lines = this.#recent
      .replace(ansiSequences, '')
      .split(/[\r\n]/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const found = lines.findLast((line) => preferred.test(line)) ?? lines.at(-1) ?? '';
    return found.slice(0, 200).toWellFormed();
  }

  #append(text: string): void {
    this.#pending += sanitize(text);
    if (this.#pending.length >= logChunkLimit) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#pending;
    this.#pending = '';
    this.#recent = (this.#recent + text).slice(-2_000);
    for (const chunk of splitIntoChunks(text)) this.#emit(chunk);
  }
}
