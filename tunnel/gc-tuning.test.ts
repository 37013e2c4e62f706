import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Reads 1 GB in chunks of 64 KiB beside some long-lived objects, and prints the number of full collections. */
const reading = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { Readable } from 'node:stream';
  import { setTimeout as after } from 'node:timers/promises';
  if (process.argv[1]) (await import(process.argv[1])).tuneGarbageCollection();
  globalThis.kept = Array.from({ length: 60_000 }, (_, number) => ({ number }));
  let full = 0;
  new PerformanceObserver((list) => {
    full += list.getEntries().filter(({ detail }) => detail.kind === 4).length;
  }).observe({ entryTypes: ['gc'] });
  let left = 16_000;
  const read = function () {
    setImmediate(() => this.push(left-- > 0 ? Buffer.allocUnsafeSlow(65_536) : null));
  };
  for await (const _ of new Readable({ read }));
  await after(10);
  process.stdout.write(String(full));`;

/** In one thread the number of collections does not depend on how busy the machine is. */
const flags = ['--single-threaded', '--input-type=module', '-e'];

const countFullCollections = (...args: string[]): number =>
  Number(execFileSync(process.execPath, [...flags, reading, ...args], { encoding: 'utf8' }));

it('a process that moves bulk data runs far fewer full collections', () => {
  const untuned = countFullCollections();
  expect(untuned).toBeGreaterThan(8);
  expect(countFullCollections(join(import.meta.dirname, 'gc-tuning.ts'))).toBeLessThan(untuned / 3);
});
