import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

// A process that a test started may write there while it ends.
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
afterAll(() => made.splice(0).reverse().forEach(remove));

/** Creates a folder that is removed at the end of the test file. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-test-'));
  made.push(folder);
  return folder;
};
