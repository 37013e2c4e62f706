import { Duplex } from 'node:stream';
import {
  creditCost,
  encodeFrame,
  encodeHeader,
  frameType,
  initialWindow,
  minFrameCost,
  ProtocolError,
} from './frames.ts';
import type { DataSource, Outbox } from './outbox.ts';
import type { ReceiveWindows } from './windows.ts';

/** Bytes that the reader must have consumed before new credit is worth a frame. */
const creditThreshold = initialWindow / 2;
/** No honest peer grants this much: its windows are far smaller. */
const maxCredit = 64 * 1024 * 1024;

type Callback = (error?: Error | null) => void;

/** What the streams of a tunnel share. */
export interface TunnelResources {
  outbox: Outbox;
  windows: ReceiveWindows;
}

/**
 * One end of a stream. Its directions end separately, as a TCP connection's do. Node's `http` can use it as a socket.
 */
export class TunnelStream extends Duplex implements DataSource {
  readonly id: number;
  readonly #outbox: Outbox;
  readonly #windows: ReceiveWindows;
  readonly #onDestroyed: (error: Error | null) => void;

  #sendCredit = initialWindow;
  /** The chunks of the current write. Joining them first would copy every byte once more. */
  #unsent: Buffer[] = [];
  #onWritten: Callback | undefined;
  #onEndSent: Callback | undefined;
  #hasSentEnd = false;

  /** How many more bytes the other end may send. */
  #receiveWindow = initialWindow;
  #consumed = 0;
  #extraWindow = 0;
  readonly #received: Buffer[] = [];
  #isReading = false;
  #hasReceivedEnd = false;
  #skipsReset = false;

  constructor(id: number, { outbox, windows }: TunnelResources, onDestroyed: (error: Error | null) => void) {
    super({ highWaterMark: creditThreshold });
    this.id = id;
    this.#outbox = outbox;
    this.#windows = windows;
    this.#onDestroyed = onDestroyed;
    // An error before the user of the stream listens for it must not crash the process.
    this.on('error', () => undefined);
  }

  accept(): void {
    this.#outbox.sendControl(encodeFrame(frameType.accept, this.id));
  }

  /** Refuses the stream with an HTTP status. */
  refuse(status: number): void {
    if (this.destroyed) return;
    this.#skipsReset = true;
    this.#outbox.sendControl(encodeFrame(frameType.refuse, this.id, { number: status, bytes: 2 }));
    this.destroy();
  }

  /** Closes the stream for a reason that the other end knows already, so no reset is sent. */
  closeWithoutReset(error: Error): void {
    this.#skipsReset = true;
    this.destroy(error);
  }

  /** Handles received bytes. Throws a `ProtocolError` when they exceed the credit that was granted. */
  receive(bytes: Buffer): void {
    const cost = creditCost(bytes.length);
    if (cost > this.#receiveWindow || this.#hasReceivedEnd) throw new ProtocolError('data exceeds the credit');
    this.#receiveWindow -= cost;
    this.#received.push(bytes);
    if (this.#isReading) this.#deliver();
  }

  receiveEnd(): void {
    if (this.#hasReceivedEnd) throw new ProtocolError('the stream was ended twice');
    this.#hasReceivedEnd = true;
    if (this.#isReading) this.#deliver();
  }

  addCredit(more: number): void {
    this.#sendCredit += more;
    if (this.#sendCredit > maxCredit) throw new ProtocolError('the credit is too large');
    if (this.isReady) this.#outbox.enqueue(this);
  }

  get isReady(): boolean {
    if (this.destroyed) return false;
    return this.#unsent.length === 0 ? this.#onEndSent !== undefined : this.#sendCredit >= minFrameCost;
  }

  takeTurn(frames: Buffer[], maxBytes: number): void {
    if (!this.isReady) return;
    if (this.#unsent.length === 0) return void this.#sendEnd(frames);
    const pieces = this.#takeUnsent(Math.min(maxBytes, this.#sendCredit));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#sendCredit -= creditCost(length);
    frames.push(encodeHeader(frameType.data, this.id, length), ...pieces);
    if (this.#unsent.length === 0) this.#finishWrite();
  }

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    this.#send([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.#onEndSent = callback;
    this.#outbox.enqueue(this);
  }

  override _read(): void {
    this.#isReading = true;
    this.#deliver();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const isOver = this.#hasSentEnd && this.#hasReceivedEnd;
    this.#outbox.remove(this);
    if (!isOver && !this.#skipsReset) this.#outbox.sendControl(encodeFrame(frameType.reset, this.id));
    this.#received.length = 0;
    this.#windows.releaseExtra(this.#extraWindow);
    this.#onDestroyed(error);
    this.#finishWrite(error ?? new Error('the stream was closed'));
    callback(error);
  }

  #send(pieces: Buffer[], callback: Callback): void {
    this.#unsent = pieces.filter(({ length }) => length > 0);
    if (this.#unsent.length === 0) return void callback();
    this.#onWritten = callback;
    if (this.isReady) this.#outbox.enqueue(this);
  }

  /** Removes up to `maxBytes` from the current write. */
  #takeUnsent(maxBytes: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let left = maxBytes; left > 0; ) {
      const piece = this.#unsent.shift();
      if (piece === undefined) break;
      taken.push(piece.subarray(0, left));
      if (piece.length > left) this.#unsent.unshift(piece.subarray(left));
      left -= Math.min(left, piece.length);
    }
    return taken;
  }

  #finishWrite(error?: Error): void {
    const callback = this.#onWritten;
    this.#unsent = [];
    this.#onWritten = undefined;
    callback?.(error);
  }

  #sendEnd(frames: Buffer[]): void {
    const callback = this.#onEndSent;
    this.#onEndSent = undefined;
    this.#hasSentEnd = true;
    frames.push(encodeFrame(frameType.end, this.id));
    callback?.();
  }

  #deliver(): void {
    while (this.#isReading) {
      const bytes = this.#received.shift();
      if (bytes === undefined) break;
      this.#isReading = this.push(bytes);
      this.#consumed += creditCost(bytes.length);
    }
    if (this.#hasReceivedEnd && this.#received.length === 0) this.push(null);
    else this.#grantCredit();
  }

  /** Grants the other end credit for what the reader consumed. */
  #grantCredit(): void {
    // A reader may destroy the stream while it handles bytes: an extra window granted then would never be released.
    if (this.destroyed || this.#consumed < creditThreshold || this.#hasReceivedEnd) return;
    const extra = this.#extraWindow === 0 ? this.#windows.grantExtra() : 0;
    const credit = this.#consumed + extra;
    this.#extraWindow += extra;
    this.#consumed = 0;
    this.#receiveWindow += credit;
    this.#outbox.sendControl(encodeFrame(frameType.credit, this.id, { number: credit, bytes: 4 }));
  }

  // `http` expects these methods of a socket. There is no kernel socket below, and the stream has no timeout of its
  // own.
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
