import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Reads 1 GB in pieces of 64 KiB, beside some objects that stay, and tells how often the whole heap was collected. */
const reading = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { Readable } from 'node:stream';
  import { setTimeout as after } from 'node:timers/promises';
  if (process.argv[1]) (await import(process.argv[1])).collectPiecesCheaply();
  globalThis.kept = Array.from({ length: 60_000 }, (_, number) => ({ number }));
  let whole = 0;
  new PerformanceObserver((list) => {
    whole += list.getEntries().filter(({ detail }) => detail.kind === 4).length;
  }).observe({ entryTypes: ['gc'] });
  let left = 16_000;
  const read = function () {
    setImmediate(() => this.push(left-- > 0 ? Buffer.allocUnsafeSlow(65_536) : null));
  };
  for await (const _ of new Readable({ read }));
  await after(10);
  process.stdout.write(String(whole));`;

/** V8 collects beside the program by default, and more or less often as the machine is busy; in one thread it does not. */
const flags = ['--single-threaded', '--input-type=module', '-e'];

const wholeCollections = (...args: string[]): number =>
  Number(execFileSync(process.execPath, [...flags, reading, ...args], { encoding: 'utf8' }));

it('a process that moves bytes collects its whole heap far less often', () => {
  const usual = wholeCollections();
  expect(usual).toBeGreaterThan(8);
  expect(wholeCollections(join(import.meta.dirname, 'garbage.ts'))).toBeLessThan(usual / 3);
});
