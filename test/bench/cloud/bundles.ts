import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryNames } from '../../../bundles/entries.ts';
import { bundleEntries } from '../../../bundles/functions.ts';
import { berthEnvironment } from '../../functions/environment.ts';
import { atMost, type Benchmark, type Figure } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median } from '../measuring/percentile.ts';

const starts = 9;

/** The initialization of a function as Lambda counts it: the import, timed in a new process. */
const timeImport = `
  const before = performance.now();
  await import(process.argv[1]);
  process.stdout.write(String(performance.now() - before));
  process.exit();`;

const environment = {
  ...berthEnvironment,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
};

const importMs = (file: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', timeImport, file], {
      env: environment,
      encoding: 'utf8',
    }),
  );

const medianMs = (file: string): number => median(Array.from({ length: starts }, () => importMs(file)));

/** Size and start time of each deployed function's bundle, without network access. */
export const bundles: Benchmark = {
  name: 'bundles',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-bundles-'));
    try {
      await bundleEntries(folder);
      note(`bundles: the median of ${starts} starts each`);
      return entryNames.flatMap((name): Figure[] => {
        const file = join(folder, name, 'index.mjs');
        const largestKb = name.startsWith('api-') ? 600 : 1_000;
        return [
          atMost(`bundle-${name}`, statSync(file).size / 1_000, 'KB', largestKb),
          atMost(`init-${name}`, medianMs(file), 'ms', 120),
        ];
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
