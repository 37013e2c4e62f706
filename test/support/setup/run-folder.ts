import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives a run of tests a temporary folder of its own for all the processes that it starts, and removes it at the end.
 * Files of Berth that are left there fail the run. The name is short because Unix sockets below it have paths of at
 * most 107 bytes.
 */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'bt-'));
  process.env['TMPDIR'] = folder;
  return () => {
    const left = readdirSync(folder).filter((name) => name.startsWith('berth-'));
    rmSync(folder, { recursive: true, force: true });
    if (left.length === 0) return;
    throw new Error(`Tests left ${left.join(', ')} in the temporary folder. Create folders with temporaryFolder().`);
  };
};
