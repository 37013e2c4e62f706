const minute = 60_000;
const day = 86_400_000;

/**
 * The clocks on the walls of a time zone. What they show is a number too: milliseconds as if the zone were UTC.
 * `Temporal` would do all of this; Node 24 has it only behind a flag.
 */
export interface WallClock {
  /** What they show at a moment (epoch milliseconds), to the second. */
  shownAt(at: number): number;
  /**
   * The first moment at which they show a whole minute, of two when they are put back. One that they leave out when
   * they are put forward is the moment of that change.
   */
  firstAt(shown: number): number;
}

/** Throws a RangeError when there is no such time zone. */
export const wallClock = (timeZone: string): WallClock => {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

  const shownAt = (at: number): number => {
    const parts = format.formatToParts(at);
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.find(({ type }) => type === name)?.value);
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };

  /** The moment of the one change of clocks between two, after which they show more than `shown`. */
  const changeBetween = (before: number, after: number, shown: number): number => {
    if (after - before <= minute) return after;
    const middle = before + Math.floor((after - before) / 2 / minute) * minute;
    return shownAt(middle) < shown ? changeBetween(middle, after, shown) : changeBetween(before, middle, shown);
  };

  const firstAt = (shown: number): number => {
    // No zone is further than 14 h from UTC, so a day to either side lies before and after a change of clocks.
    const offsets = [shown - day, shown + day].map((at) => shownAt(at) - at);
    const [early, late] = [shown - Math.max(...offsets), shown - Math.min(...offsets)];
    const found = [early, late].find((at) => shownAt(at) === shown);
    return found ?? changeBetween(early, late, shown);
  };

  return { shownAt, firstAt };
};
