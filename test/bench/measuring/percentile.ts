/** The smallest sample that `percent` of all samples do not exceed (nearest rank). A `RangeError` without samples. */
export const percentile = (samples: readonly number[], percent: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (found === undefined) throw new RangeError('there are no samples to take a percentile of');
  return found;
};

export const median = (samples: readonly number[]): number => percentile(samples, 50);

/** For the notes: `p50 812, p95 1004, p99 1090, most 1101`. */
export const spread = (samples: readonly number[]): string =>
  (
    [
      ['p50', 50],
      ['p95', 95],
      ['p99', 99],
      ['most', 100],
    ] as const
  )
    .map(([name, percent]) => `${name} ${percentile(samples, percent).toFixed(1)}`)
    .join(', ');
