import { readdirSync, readFileSync } from 'node:fs';

/** Process ids on this machine whose environment was made for a workspace of this data folder (Linux). */
export const workspaceProcesses = (dataDir: string): { pid: number; workspace: string }[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      const environment = environmentOf(name);
      const home = environment.find((entry) => entry.startsWith('HOME='))?.slice(5) ?? '';
      const workspace = environment.find((entry) => entry.startsWith('BERTH_WORKSPACE_ID='))?.slice(19);
      return workspace !== undefined && home.startsWith(dataDir) ? [{ pid: Number(name), workspace }] : [];
    });

const environmentOf = (pid: string): string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch (error) {
    // Gone meanwhile, or ending: it has no environment any more.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};
