import { setTimeout as after } from 'node:timers/promises';

/** One call, in milliseconds. */
export interface Call {
  /** From the moment it was due to its response: the time that a call waited counts. */
  durationMs: number;
  /** The part before it was sent: the delay of this process, not of the server. */
  late: number;
}

/** Calls `send` at a constant rate, whether or not earlier calls have finished (open loop). */
export const atRate = async (perSecond: number, seconds: number, send: () => Promise<unknown>): Promise<Call[]> => {
  const startedAt = performance.now();
  const calls: Promise<Call | Error>[] = [];
  for (let number = 0; number < perSecond * seconds; number++) {
    const due = startedAt + (number * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await after(Math.ceil(early));
    calls.push(timed(due, send));
  }
  return (await Promise.all(calls)).map(orThrow);
};

/** A failure becomes a result, because the promise is awaited only after all others. */
const timed = async (due: number, send: () => Promise<unknown>): Promise<Call | Error> => {
  const late = performance.now() - due;
  try {
    await send();
    return { durationMs: performance.now() - due, late };
  } catch (error) {
    return error as Error;
  }
};

const orThrow = (result: Call | Error): Call => {
  if (result instanceof Error) throw result;
  return result;
};

/** Calls `send` with 0 to `count - 1`, `atOnce` at a time (closed loop). Returns the duration in seconds. */
export const allOf = async (count: number, atOnce: number, send: (number: number) => Promise<unknown>) => {
  let next = 0;
  const one = async () => {
    while (next < count) await send(next++);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, one));
  return (performance.now() - startedAt) / 1_000;
};
