/** A discrete-event simulation: the clock jumps from one event to the next, so an hour of waiting takes no time. */
export const simulation = (start: number) => {
  const events: { at: number; order: number; work: () => Promise<void> }[] = [];
  let now = start;
  let order = 0;
  const isBefore = (a: number, b: number): boolean => {
    const [one, other] = [events[a], events[b]];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  };
  const swap = (a: number, b: number) => {
    const [one, other] = [events[a], events[b]];
    if (one !== undefined && other !== undefined) [events[a], events[b]] = [other, one];
  };
  const sink = (from: number) => {
    for (let at = from; ; ) {
      const child = isBefore(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1;
      if (!isBefore(child, at)) return;
      swap(child, at);
      at = child;
    }
  };
  return {
    now: () => now,
    at: (at: number, work: () => Promise<void>): void => {
      events.push({ at: Math.max(at, now), order: order++, work });
      for (let index = events.length - 1; index > 0 && isBefore(index, (index - 1) >> 1); index = (index - 1) >> 1) {
        swap(index, (index - 1) >> 1);
      }
    },
    run: async (): Promise<void> => {
      for (let first = events[0]; first !== undefined; first = events[0]) {
        const last = events.pop();
        if (last !== undefined && events.length > 0) {
          events[0] = last;
          sink(0);
        }
        now = first.at;
        await first.work();
      }
    },
  };
};
