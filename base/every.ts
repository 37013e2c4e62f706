interface Period {
  /** From the start of one run to the start of the next; a function chooses it by how long the last run took. */
  periodMs: number | ((tookMs: number) => number);
  /** Called when a run failed. The next run takes place nevertheless. */
  onError: (error: unknown) => void;
}

/**
 * Repeats `work`, one run at a time, the first after one period. Returns a function that stops it and resolves when no
 * run is under way.
 */
export const every = ({ periodMs, onError }: Period, work: () => Promise<void>): (() => Promise<void>) => {
  const periodAfter = typeof periodMs === 'number' ? () => periodMs : periodMs;
  let timer: NodeJS.Timeout;
  let running: Promise<void> | undefined;
  let isStopped = false;
  const run = async () => {
    const startedAt = Date.now();
    try {
      await work();
    } catch (error) {
      onError(error);
    }
    running = undefined;
    const tookMs = Date.now() - startedAt;
    if (!isStopped) schedule(Math.max(0, periodAfter(tookMs) - tookMs));
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      running = run();
    }, delayMs);
  };
  schedule(periodAfter(0));
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
};
