import type { Step } from '../contracts/workspace.ts';
import { duration, tinted } from './format.ts';
import { harmless } from './harmless.ts';

const took = ({ startedAt, endedAt }: Step): string =>
  endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** Writes each step once as it starts, and once as it ends with its time. */
export const stepWriter = (err: NodeJS.WriteStream): ((build: number, steps: readonly Step[]) => void) => {
  const told = new Set<string>();
  const once = (key: string, line: () => string): void => {
    if (told.has(key)) return;
    told.add(key);
    err.write(`${line()}\n`);
  };
  return (build, steps) => {
    for (const step of steps) {
      const key = `${build} ${step.name}`;
      const title = harmless(step.title);
      const usual = step.usualMs === undefined ? '' : ` (usually ${duration(step.usualMs)})`;
      if (step.status === 'running') once(`${key} started`, () => `  … ${title}${tinted('quiet', usual, err)}`);
      else if (step.status === 'succeeded') once(key, () => `  ${tinted('good', '✓', err)} ${title}  ${took(step)}`);
      else once(key, () => `  ${tinted('bad', '✗', err)} ${title}  ${took(step)}`);
    }
  };
};
