import { type Figure, isMet } from './figure.ts';

/** One line of JSON per figure. */
export const jsonLine = ({ name, value, unit, goal, better }: Figure): string =>
  JSON.stringify({ name, value, unit, goal, better });

const headings = ['figure', 'value', 'unit', 'goal', ''];

const cellsOf = (figure: Figure): string[] => [
  figure.name,
  String(figure.value),
  figure.unit,
  `${figure.better === 'lower' ? '≤' : '≥'} ${figure.goal}`,
  isMet(figure) ? 'met' : 'missed',
];

export const table = (figures: readonly Figure[]): string => {
  const rows = [headings, ...figures.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
};
