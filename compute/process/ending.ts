import type { Clock } from '../../core/ports.ts';
import type { Progress } from '../kind.ts';
import type { Mark } from './mark.ts';
import { type Processes, type ProcessId, signalProcess } from './processes.ts';

const againMs = 100;
/** A fork bomb is frozen after a few rounds; this bounds how long it can keep the server busy with it. */
const freezeRounds = 20;

export interface Ending {
  /** One step towards no process left: asks (SIGTERM), and once the grace is over kills. */
  step(workspaceId: string, mark: Mark, leader: ProcessId | undefined): Progress;
  isUnderWay(workspaceId: string): boolean;
}

export const createEnding = (processes: Processes, clock: Clock, graceMs: number): Ending => {
  const deadlines = new Map<string, number>();

  /** Stopped processes start no others, so that what is killed then is all there is. */
  const kill = (mark: Mark, leader: ProcessId | undefined): void => {
    const frozen = new Map<string, ProcessId>();
    for (let before = -1, round = 0; before !== frozen.size && round < freezeRounds; round++) {
      before = frozen.size;
      for (const found of processes.marked(mark, leader)) {
        if (frozen.has(keyOf(found))) continue;
        signalProcess(processes, found, 'SIGSTOP');
        frozen.set(keyOf(found), found);
      }
    }
    for (const found of frozen.values()) signalProcess(processes, found, 'SIGKILL');
  };

  return {
    isUnderWay: (workspaceId) => deadlines.has(workspaceId),
    step(workspaceId, mark, leader) {
      const left = [...processes.marked(mark, leader)];
      if (left.length === 0) {
        deadlines.delete(workspaceId);
        return { settled: true, detail: 'No process is left.' };
      }
      const now = clock().getTime();
      const deadline = deadlines.get(workspaceId);
      if (deadline === undefined) {
        deadlines.set(workspaceId, now + graceMs);
        for (const found of left) signalProcess(processes, found, 'SIGTERM');
      } else if (now >= deadline) {
        kill(mark, leader);
      }
      const detail = `Waiting for ${left.length} ${left.length === 1 ? 'process' : 'processes'} to end.`;
      return { settled: false, detail, again: againMs };
    },
  };
};

const keyOf = ({ pid, started }: ProcessId): string => `${pid} ${started}`;
