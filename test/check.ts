import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** `npm run check`: all that CI checks without running the code. Ends with `N passed, N failed`. */
const root = dirname(import.meta.dirname);
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

const checks: Record<string, string[]> = {
  'types (tsc)': [bin('tsc'), '--noEmit', '-p', root],
  'format and lint (biome)': [bin('biome'), 'check', '--error-on-warnings', root],
  'unused code (knip)': [bin('knip')],
  'import directions': [bin('vitest'), 'run', '--config', 'test/architecture/vitest.config.ts'],
};

const results = Object.entries(checks).map(([name, [command = '', ...args]]) => {
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const passed = run.status === 0;
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}\n`);
  if (!passed) process.stdout.write(`${run.stdout}${run.stderr}\n`);
  return passed;
});

const failed = results.filter((passed) => !passed).length;
process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
