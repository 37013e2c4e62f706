import type { Log } from './log.ts';

export interface Every {
  ms: number;
  /** What the log says when a turn failed. The next one comes all the same. */
  failed: string;
  log: Log;
}

/** Does something again and again, never twice at once. Answers a function that stops it, once what is under way is done. */
export const every = ({ ms, failed, log }: Every, work: () => Promise<void>): (() => Promise<void>) => {
  let working: Promise<void> | undefined;
  const turn = async () => {
    try {
      await work();
    } catch (thrown) {
      log('warn', failed, { reason: String(thrown) });
    }
    working = undefined;
  };
  const timer = setInterval(() => {
    working ??= turn();
  }, ms);
  return async () => {
    clearInterval(timer);
    await working;
  };
};
