import type { Log } from './log.ts';

export interface Every {
  ms: number;
  /** What the log says when a turn failed. The next one comes all the same. */
  failed: string;
  log: Log;
}

/** Does something again and again, never twice at once. Answers a function that stops it. */
export const every = ({ ms, failed, log }: Every, work: () => Promise<void>): (() => void) => {
  let isAtWork = false;
  const timer = setInterval(async () => {
    if (isAtWork) return;
    isAtWork = true;
    try {
      await work();
    } catch (thrown) {
      log('warn', failed, { reason: String(thrown) });
    } finally {
      isAtWork = false;
    }
  }, ms);
  return () => clearInterval(timer);
};
