const minute = 60_000;
const day = 86_400_000;

/**
 * Converts between instants (epoch milliseconds) and local times of a time zone (milliseconds as if the zone were UTC).
 * `Temporal` does the same, but Node 24 has it only behind a flag.
 */
interface WallClock {
  /** The local time at an instant, to the second. */
  localTimeAt(at: number): number;
  /**
   * The first instant with this local time, which must be a whole minute. For a local time that the change to daylight
   * saving time skips, the instant of the change.
   */
  firstInstantOf(localTime: number): number;
}

/** Throws a RangeError for an unknown time zone. */
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

  const localTimeAt = (at: number): number => {
    const parts = format.formatToParts(at);
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.find(({ type }) => type === name)?.value);
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };

  /** The instant between two others at which the offset changes and the local time passes `localTime`. */
  const changeBetween = (before: number, after: number, localTime: number): number => {
    if (after - before <= minute) return after;
    const middle = before + Math.floor((after - before) / 2 / minute) * minute;
    return localTimeAt(middle) < localTime
      ? changeBetween(middle, after, localTime)
      : changeBetween(before, middle, localTime);
  };

  const firstInstantOf = (localTime: number): number => {
    // No zone is further than 14 h from UTC, so a day before and a day after are on both sides of a change of the
    // offset.
    const offsets = [localTime - day, localTime + day].map((at) => localTimeAt(at) - at);
    const [early, late] = [localTime - Math.max(...offsets), localTime - Math.min(...offsets)];
    const found = [early, late].find((at) => localTimeAt(at) === localTime);
    return found ?? changeBetween(early, late, localTime);
  };

  return { localTimeAt, firstInstantOf };
};
