/** Time that several drivers share, which goes on only while all of them wait: work takes none of it but its own. */
export interface SharedTime {
  /** Runs work that may wait by what it is handed. */
  spend<T>(work: (until: (at: number) => Promise<void>) => Promise<T>): Promise<T>;
}

export const sharedTime = (now: () => number, goOnTo: (at: number) => void): SharedTime => {
  let working = 0;
  const waiting = new Set<{ at: number; wake: () => void }>();

  const wakeDue = () => {
    if (working === 0 && waiting.size > 0) goOnTo(Math.min(...[...waiting].map(({ at }) => at)));
    for (const one of waiting) {
      if (one.at > now()) continue;
      waiting.delete(one);
      working += 1;
      one.wake();
    }
  };
  const until = (at: number): Promise<void> =>
    new Promise((wake) => {
      waiting.add({ at, wake });
      working -= 1;
      wakeDue();
    });

  return {
    spend: async (work) => {
      working += 1;
      try {
        return await work(until);
      } finally {
        working -= 1;
        wakeDue();
      }
    },
  };
};
