import type { Step } from '../../contracts/workspaces/builds.ts';
import { duration, tinted } from '../io/format.ts';
import { harmless } from '../io/harmless.ts';

const took = ({ startedAt, endedAt }: Step): string =>
  endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** Writes a line when a step starts, when its message changes, and when the step ends, with its duration. */
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
      // The build's failure already contains the message of the failed step.
      if (step.message === undefined || step.status === 'failed') continue;
      const message = harmless(step.message);
      once(`${key} ${message}`, () => `    ${tinted('quiet', message, err)}`);
    }
  };
};
