const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a `Duration` (`90s`, `15m`, `2h`, `7d`). */
export const durationMs = (duration: string): number =>
  Number(duration.slice(0, -1)) * unitMs[duration.slice(-1) as keyof typeof unitMs];
