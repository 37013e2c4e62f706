import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { endChild, untilReady } from '../measuring/child.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';
import { resource, temporaryFolder } from '../measuring/resources.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const samples = 5;

/** Milliseconds from the command to its `ready` line, on an empty data folder. */
const startOnce = async (): Promise<number> => {
  await using folder = temporaryFolder();
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    // A group of its own, because npm does not pass signals on to its children.
    detached: true,
    env: { ...process.env, PORT: '0', BERTH_DATA: folder.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await using _ended = resource({}, () => endChild(child, (signal) => process.kill(-(child.pid ?? 0), signal)));
  await untilReady(child);
  return performance.now() - startedAt;
};

/** `npm start` with dependencies installed and the portal built. */
export const npmStart: Benchmark = {
  name: 'npm-start',
  run: async () => {
    const durations: number[] = [];
    for (let number = 0; number < samples; number++) durations.push(await startOnce());
    note(
      `npm-start: ${samples} times on an empty data folder, dependencies installed, portal built, ms: ${spread(durations)}`,
    );
    return [atMost('npm-start-ready-p50', median(durations) / 1_000, 's', 3)];
  },
};
