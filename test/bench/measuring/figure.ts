/** What a benchmark measured, with its goal. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  goal: number;
  better: 'lower' | 'higher';
}

/** Figures that are measured together because they need the same server. */
export interface Benchmark {
  name: string;
  run(): Promise<Figure[]>;
}

export const isMet = ({ value, goal, better }: Figure): boolean => (better === 'lower' ? value <= goal : value >= goal);

const rounded = (value: number): number => Number(value.toPrecision(4));

/** `goal` is the maximum. */
export const atMost = (name: string, value: number, unit: string, goal: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  goal,
  better: 'lower',
});

/** `goal` is the minimum. */
export const atLeast = (name: string, value: number, unit: string, goal: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  goal,
  better: 'higher',
});
