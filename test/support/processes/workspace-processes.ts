import { readdirSync, readFileSync } from 'node:fs';

/** Returns the processes of this machine that run for a workspace of this data folder, by their environment (Linux). */
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
    // The process has ended, or is ending: it has no environment any more.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};

/**
 * Sends a signal to the processes of one workspace, or of all of a data folder. A process that has ended is skipped.
 */
export const signalWorkspaces = (dataDir: string, signal: NodeJS.Signals, only?: string): void => {
  for (const { pid, workspace } of workspaceProcesses(dataDir)) {
    if (only !== undefined && workspace !== only) continue;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};
