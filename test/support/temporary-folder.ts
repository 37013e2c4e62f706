import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// A process that a test started may still write to the folder while it ends.
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
afterAll(() => folders.splice(0).reverse().forEach(remove));

/** Creates a folder that is removed at the end of the test file. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-test-'));
  folders.push(folder);
  return folder;
};
