/** Work that is under way, so that an end can wait for it. */
export const inFlight = () => {
  const all = new Set<Promise<unknown>>();
  return {
    follow: <T>(work: Promise<T>): Promise<T> => {
      all.add(work);
      const forget = () => all.delete(work);
      work.then(forget, forget);
      return work;
    },
    /** Resolves when none is left, also of what began meanwhile. Its failures are its callers' to handle. */
    ended: async (): Promise<void> => {
      while (all.size > 0) await Promise.allSettled(all);
    },
  };
};
