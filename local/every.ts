/** Calls `work` again and again, `ms` after it was done. `stop` resolves when none is under way any more. */
export const every = (ms: number, work: () => Promise<void>, onError: (error: unknown) => void) => {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let stopped = false;
  const next = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      working = work().catch(onError).finally(next);
    }, ms);
  };
  next();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await working;
    },
  };
};
