/** A clock that concurrent callers share. It advances only while all of them wait. */
export interface SharedTime {
  /** Runs work, which waits with the function that it receives. */
  run<T>(work: (waitUntil: (at: number) => Promise<void>) => Promise<T>): Promise<T>;
}

export const sharedTime = (now: () => number, advanceTo: (at: number) => void): SharedTime => {
  let working = 0;
  const waiting = new Set<{ at: number; wake: () => void }>();

  const wakeDue = () => {
    if (working === 0 && waiting.size > 0) advanceTo(Math.min(...[...waiting].map(({ at }) => at)));
    for (const one of waiting) {
      if (one.at > now()) continue;
      waiting.delete(one);
      working += 1;
      one.wake();
    }
  };
  const waitUntil = (at: number): Promise<void> =>
    new Promise((wake) => {
      waiting.add({ at, wake });
      working -= 1;
      wakeDue();
    });

  return {
    run: async (work) => {
      working += 1;
      try {
        return await work(waitUntil);
      } finally {
        working -= 1;
        wakeDue();
      }
    },
  };
};
