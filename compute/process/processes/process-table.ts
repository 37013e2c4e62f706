import type { ProcessMark } from './process-mark.ts';

/** A process id with its start time, because the kernel reuses process ids. */
export interface ProcessId {
  pid: number;
  /** As the kernel reports it; only for comparison. */
  started: string;
}

/** What identifies the processes of a workspace. */
export interface ProcessQuery {
  mark: ProcessMark;
  /** The home, and the workspace's files of this kind of compute. */
  folders: readonly string[];
  /** The agent, and processes found earlier whose parents may have ended since. */
  known: readonly ProcessId[];
}

/** The processes of this machine. Zombies count as ended. */
export interface ProcessTable {
  isAlive(id: ProcessId): boolean;
  /**
   * The processes that have the mark, those that lost it and use the folders, the known ones, and all their
   * descendants.
   */
  belonging(query: ProcessQuery): Iterable<ProcessId>;
}

/**
 * Signals a process if it is still the same one; succeeds if it has ended. `false` if Berth may not signal it, because
 * it runs as another user.
 */
export const signalProcess = (processes: ProcessTable, id: ProcessId, signal: NodeJS.Signals): boolean => {
  if (!processes.isAlive(id)) return true;
  try {
    return process.kill(id.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return true;
    if (code === 'EPERM') return false;
    throw error;
  }
};
