import { Duplex } from 'node:stream';
import { costOf, frameOf, frameType, headerOf, leastCost, ProtocolError, window } from './frames.ts';
import type { Outbox, Source } from './outbox.ts';
import type { Windows } from './windows.ts';

/** What the reader took is told to the other end when it is worth a frame. */
const worthTelling = window / 2;
/** No end gives more than this, whatever it says. */
const mostCredit = 64 * 1024 * 1024;

type Done = (error?: Error | null) => void;

/** What a stream shares with the others of its tunnel. */
export interface Shared {
  outbox: Outbox;
  windows: Windows;
}

/** A stream's end of a tunnel: bytes both ways, each way with an end of its own. Fit to be a socket for `http`. */
export class TunnelStream extends Duplex implements Source {
  readonly id: number;
  readonly #outbox: Outbox;
  readonly #windows: Windows;
  readonly #gone: (error: Error | null) => void;

  #credit = window;
  /** What a write brought, in its pieces: to put them together first would be one more pass over all bytes. */
  #sending: Buffer[] = [];
  #sent: Done | undefined;
  #ending: Done | undefined;
  #hasEnded = false;

  /** What the other end may still send. */
  #allowance = window;
  #taken = 0;
  #lent = 0;
  readonly #arrived: Buffer[] = [];
  #isWanted = false;
  #hasAllArrived = false;
  #isQuiet = false;

  constructor(id: number, { outbox, windows }: Shared, gone: (error: Error | null) => void) {
    super({ highWaterMark: worthTelling });
    this.id = id;
    this.#outbox = outbox;
    this.#windows = windows;
    this.#gone = gone;
    // Whoever uses the stream listens too; this one is here so that an error before that ends no process.
    this.on('error', () => undefined);
  }

  accept(): void {
    this.#outbox.urgent(frameOf(frameType.accept, this.id));
  }

  /** Says no, with a status as in HTTP. */
  refuse(status: number): void {
    if (this.destroyed) return;
    this.#isQuiet = true;
    this.#outbox.urgent(frameOf(frameType.refuse, this.id, { number: status, bytes: 2 }));
    this.destroy();
  }

  /** Ends it for a reason that came from the other end, which needs not hear of it. */
  breakOff(error: Error): void {
    this.#isQuiet = true;
    this.destroy(error);
  }

  /** Bytes came. Throws a `ProtocolError` when there was no credit for them. */
  arrive(bytes: Buffer): void {
    const cost = costOf(bytes.length);
    if (cost > this.#allowance || this.#hasAllArrived) throw new ProtocolError('bytes came without credit');
    this.#allowance -= cost;
    this.#arrived.push(bytes);
    if (this.#isWanted) this.#deliver();
  }

  arriveEnd(): void {
    if (this.#hasAllArrived) throw new ProtocolError('the end came twice');
    this.#hasAllArrived = true;
    if (this.#isWanted) this.#deliver();
  }

  addCredit(more: number): void {
    this.#credit += more;
    if (this.#credit > mostCredit) throw new ProtocolError('there is too much credit');
    if (this.isReady) this.#outbox.ready(this);
  }

  get isReady(): boolean {
    if (this.destroyed) return false;
    return this.#sending.length === 0 ? this.#ending !== undefined : this.#credit >= leastCost;
  }

  putFrames(frames: Buffer[], most: number): void {
    if (!this.isReady) return;
    if (this.#sending.length === 0) return void this.#putEnd(frames);
    const pieces = this.#take(Math.min(most, this.#credit));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#credit -= costOf(length);
    frames.push(headerOf(frameType.data, this.id, length), ...pieces);
    if (this.#sending.length === 0) this.#finishWrite();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    this.#ending = done;
    this.#outbox.ready(this);
  }

  override _read(): void {
    this.#isWanted = true;
    this.#deliver();
  }

  override _destroy(error: Error | null, done: Done): void {
    const isOver = this.#hasEnded && this.#hasAllArrived;
    this.#outbox.remove(this);
    if (!isOver && !this.#isQuiet) this.#outbox.urgent(frameOf(frameType.reset, this.id));
    this.#arrived.length = 0;
    this.#windows.giveBack(this.#lent);
    this.#gone(error);
    this.#finishWrite(error ?? new Error('the stream was closed'));
    done(error);
  }

  #send(pieces: Buffer[], done: Done): void {
    this.#sending = pieces.filter(({ length }) => length > 0);
    if (this.#sending.length === 0) return void done();
    this.#sent = done;
    if (this.isReady) this.#outbox.ready(this);
  }

  /** Takes so many bytes of what is to be sent, or all of it. */
  #take(most: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let left = most; left > 0; ) {
      const piece = this.#sending.shift();
      if (piece === undefined) break;
      taken.push(piece.subarray(0, left));
      if (piece.length > left) this.#sending.unshift(piece.subarray(left));
      left -= Math.min(left, piece.length);
    }
    return taken;
  }

  #finishWrite(error?: Error): void {
    const done = this.#sent;
    this.#sending = [];
    this.#sent = undefined;
    done?.(error);
  }

  #putEnd(frames: Buffer[]): void {
    const done = this.#ending;
    this.#ending = undefined;
    this.#hasEnded = true;
    frames.push(frameOf(frameType.end, this.id));
    done?.();
  }

  #deliver(): void {
    while (this.#isWanted) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      this.#isWanted = this.push(bytes);
      this.#taken += costOf(bytes.length);
    }
    if (this.#hasAllArrived && this.#arrived.length === 0) this.push(null);
    else this.#tell();
  }

  /** Gives the other end credit for what was read. */
  #tell(): void {
    // A reader may destroy the stream while it is handed bytes: what is lent then would never be given back.
    if (this.destroyed || this.#taken < worthTelling || this.#hasAllArrived) return;
    const lent = this.#lent === 0 ? this.#windows.lend() : 0;
    const credit = this.#taken + lent;
    this.#lent += lent;
    this.#taken = 0;
    this.#allowance += credit;
    this.#outbox.urgent(frameOf(frameType.credit, this.id, { number: credit, bytes: 4 }));
  }

  // What `http` and others expect of a socket; nothing here has a kernel's socket below it, or times out by itself.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
