/** Tracks pending promises, so that closing can wait for them. */
export const pendingWork = () => {
  const all = new Set<Promise<unknown>>();
  return {
    follow: <T>(work: Promise<T>): Promise<T> => {
      all.add(work);
      const forget = () => all.delete(work);
      work.then(forget, forget);
      return work;
    },
    /** Resolves when none is pending, including those that are added meanwhile. Their callers handle failures. */
    settled: async (): Promise<void> => {
      while (all.size > 0) await Promise.allSettled(all);
    },
  };
};
