import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'berth-graphemes-'));
const bundle = join(directory, 'screen.cjs');

// Bundled like the agent, because bundling must keep the order of imports.
beforeAll(async () => {
  const entryPoints = [fileURLToPath(new URL('screen.ts', import.meta.url))];
  await build({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node24' });
});
afterAll(() => rmSync(directory, { recursive: true }));

/**
 * Loads the screen when the pool of small buffers starts with these bytes, shows an emoji and queries the cursor's
 * position.
 */
const program = (first: number[]) => `
  const { poolSize } = Buffer;
  let start = Buffer.from([0]);
  while (start.byteOffset !== 0) start = Buffer.from([0]);
  new Uint8Array(start.buffer).set(${JSON.stringify(first)});
  const { Screen } = require(${JSON.stringify(bundle)});
  const screen = new Screen(20, 2, { respond: (text) => process.stdout.write(text), focusReportsEnabled: () => {} });
  screen.write(Buffer.from('\u{1f469}\u200d\u{1f680}\x1b[6n'), () => console.log(Buffer.poolSize === poolSize));`;

// The addon would read the length of its table from the third number.
it.each([
  ['zeros', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a short length', [1, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0]],
])('characters have the right width when earlier buffers left %s in memory', async (_, first) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program(first)]);
  expect(stdout).toBe('\u001b[1;3Rtrue\n');
});
