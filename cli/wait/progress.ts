import { sanitizeLine } from '../../base/sanitize.ts';
import type { Step } from '../../contracts/workspaces/builds.ts';
import { colored, duration } from '../io/format.ts';

const durationOf = ({ startedAt, endedAt }: Step): string =>
  endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** Writes a line when a step starts, when its message changes, and when the step ends, with its duration. */
export const stepWriter = (err: NodeJS.WriteStream): ((build: number, steps: readonly Step[]) => void) => {
  const written = new Set<string>();
  const once = (key: string, line: () => string): void => {
    if (written.has(key)) return;
    written.add(key);
    err.write(`${line()}\n`);
  };
  return (build, steps) => {
    for (const step of steps) {
      const key = `${build} ${step.name}`;
      const title = sanitizeLine(step.title);
      const usual = step.usualMs === undefined ? '' : ` (usually ${duration(step.usualMs)})`;
      if (step.status === 'running') once(`${key} started`, () => `  … ${title}${colored('quiet', usual, err)}`);
      else if (step.status === 'succeeded')
        once(key, () => `  ${colored('good', '✓', err)} ${title}  ${durationOf(step)}`);
      else once(key, () => `  ${colored('bad', '✗', err)} ${title}  ${durationOf(step)}`);
      // The build's failure already contains the message of the failed step.
      if (step.message === undefined || step.status === 'failed') continue;
      const message = sanitizeLine(step.message);
      once(`${key} ${message}`, () => `    ${colored('quiet', message, err)}`);
    }
  };
};
