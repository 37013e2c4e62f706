import type { Progress } from '../core/ports/compute-kind.ts';

export const settled = (detail: string): Progress => ({ settled: true, detail });

/** Not settled yet: call again after `ms` milliseconds. */
export const again = (detail: string, ms: number): Progress => ({ settled: false, detail, again: ms });
