/** What a benchmark measured, beside what it should be. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  goal: number;
  better: 'lower' | 'higher';
}

/** Figures that are measured together, for they need the same server. */
export interface Bench {
  name: string;
  run(): Promise<Figure[]>;
}

export const isMet = ({ value, goal, better }: Figure): boolean => (better === 'lower' ? value <= goal : value >= goal);

const rounded = (value: number): number => Number(value.toPrecision(4));

/** `goal` is the most it may be. */
export const atMost = (name: string, value: number, unit: string, goal: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  goal,
  better: 'lower',
});

/** `goal` is the least it may be. */
export const atLeast = (name: string, value: number, unit: string, goal: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  goal,
  better: 'higher',
});
