import { BerthError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again, settled } from '../../progress.ts';
import { type ProcessId, type ProcessQuery, type ProcessTable, signalProcess } from './process-table.ts';

const pollMs = 100;
/** A few rounds freeze a fork bomb; the limit bounds how long it can keep the server busy. */
const maxFreezeRounds = 20;

interface Termination {
  /**
   * Sends SIGTERM, and SIGKILL after the grace period. Throws `compute_failed` if a process may not be killed, after
   * the others were.
   */
  step(workspaceId: string, query: ProcessQuery): Progress;
  isUnderWay(workspaceId: string): boolean;
}

interface PendingTermination {
  deadline: number;
  /** The processes that were left at the last call. */
  left: readonly ProcessId[];
}

export const createTermination = (processes: ProcessTable, clock: Clock, graceMs: number): Termination => {
  const underWay = new Map<string, PendingTermination>();

  /** Freezes all processes before it kills them, because a frozen process cannot start others. */
  const kill = (query: ProcessQuery): void => {
    const frozen = new Map<string, ProcessId>();
    for (let before = -1, round = 0; before !== frozen.size && round < maxFreezeRounds; round++) {
      before = frozen.size;
      for (const found of processes.belonging({ ...query, known: [...query.known, ...frozen.values()] })) {
        if (frozen.has(keyOf(found))) continue;
        signalProcess(processes, found, 'SIGSTOP');
        frozen.set(keyOf(found), found);
      }
    }
    const spared = [...frozen.values()].filter((found) => !signalProcess(processes, found, 'SIGKILL'));
    if (spared.length > 0) throw notPermittedToEnd(spared);
  };

  return {
    isUnderWay: (workspaceId) => underWay.has(workspaceId),
    step(workspaceId, query) {
      const before = underWay.get(workspaceId);
      const known = [...query.known, ...(before?.left ?? [])];
      const left = [...processes.belonging({ ...query, known })];
      if (left.length === 0) {
        underWay.delete(workspaceId);
        return settled('No process is left.');
      }
      const now = clock().getTime();
      const deadline = before?.deadline ?? now + graceMs;
      underWay.set(workspaceId, { deadline, left });
      // A process that may not be signaled may still end by itself, for example when its parent ends.
      if (before === undefined) for (const found of left) signalProcess(processes, found, 'SIGTERM');
      else if (now >= deadline) kill({ ...query, known: left });
      return again(`Waiting for ${left.length} ${left.length === 1 ? 'process' : 'processes'} to end.`, pollMs);
    },
  };
};

const notPermittedToEnd = (spared: readonly ProcessId[]): BerthError =>
  new BerthError(
    'compute_failed',
    `Processes of the workspace (${spared.map(({ pid }) => pid).join(', ')}) cannot be ended by Berth, because they run as another user, for example with sudo.`,
    { remedy: 'End them as that user, and stop the workspace again.' },
  );

const keyOf = ({ pid, started }: ProcessId): string => `${pid} ${started}`;
