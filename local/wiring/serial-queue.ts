/**
 * Runs tasks one after the other and lets the event loop turn between two of them, so that a request waits for one task
 * at most, however many were queued at the same moment.
 */
export const serialQueue = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(nextTurn).then(work);
    // A failed task must not stop the queue; its caller handles the failure.
    last = Promise.allSettled([done]);
    return done;
  };
};

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
