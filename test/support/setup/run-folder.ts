import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives a run of tests a temporary folder of its own, for all processes that it starts. It goes at the run's end, however
 * tests ended; what is left there of Berth's own fails the run. Its name is short: below it lie Unix sockets, whose paths
 * have 107 bytes at the most.
 */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'bt-'));
  process.env['TMPDIR'] = folder;
  return () => {
    const left = readdirSync(folder).filter((name) => name.startsWith('berth-'));
    rmSync(folder, { recursive: true, force: true });
    if (left.length === 0) return;
    throw new Error(`Tests left ${left.join(', ')} in the temporary folder. Make folders by temporaryFolder().`);
  };
};
