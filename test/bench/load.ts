import { setTimeout as after } from 'node:timers/promises';

/**
 * Calls `send` at a steady rate, whether or not earlier calls are done (open loop). Returns how long each took in
 * milliseconds, from the instant it was due: a call that was held up counts its wait.
 */
export const atRate = async (perSecond: number, seconds: number, send: () => Promise<unknown>): Promise<number[]> => {
  const begun = performance.now();
  const took: Promise<number>[] = [];
  for (let number = 0; number < perSecond * seconds; number++) {
    const due = begun + (number * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await after(Math.ceil(early));
    took.push(send().then(() => performance.now() - due));
  }
  return Promise.all(took);
};

/** Calls `send` with 0 to `count - 1`, so many `atOnce` as told (closed loop). Returns the seconds it took. */
export const allOf = async (count: number, atOnce: number, send: (number: number) => Promise<unknown>) => {
  let next = 0;
  const one = async () => {
    while (next < count) await send(next++);
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, one));
  return (performance.now() - begun) / 1_000;
};
