import { BerthError } from '../core/errors.ts';

const everyMs = 30_000;

/**
 * Asks again, as long as something is open, whether it still may be: a right that was taken away ends what it opened.
 * When nobody can answer (the table is away) it stays open.
 */
export const keepChecking = (ask: () => Promise<unknown>, end: () => void): (() => void) => {
  const timer = setInterval(() => {
    ask().catch((thrown: unknown) => {
      if (thrown instanceof BerthError && ['unauthenticated', 'not_found'].includes(thrown.name)) end();
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
