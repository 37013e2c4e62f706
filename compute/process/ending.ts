import { BerthError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Progress } from '../kind.ts';
import { type Processes, type ProcessId, type Sought, signalProcess } from './processes.ts';

const againMs = 100;
/** A fork bomb is frozen after a few rounds; this bounds how long it can keep the server busy with it. */
const freezeRounds = 20;

export interface Ending {
  /**
   * One step towards no process left: asks (SIGTERM), and once the grace is over kills. `compute_failed` when one of
   * them may not be killed; the others are by then.
   */
  step(workspaceId: string, sought: Sought): Progress;
  isUnderWay(workspaceId: string): boolean;
}

interface UnderWay {
  deadline: number;
  /** What was left at the last step. */
  left: readonly ProcessId[];
}

export const createEnding = (processes: Processes, clock: Clock, graceMs: number): Ending => {
  const underWay = new Map<string, UnderWay>();

  /** Stopped processes start no others, so that what is killed then is all there is. */
  const kill = (sought: Sought): void => {
    const frozen = new Map<string, ProcessId>();
    for (let before = -1, round = 0; before !== frozen.size && round < freezeRounds; round++) {
      before = frozen.size;
      for (const found of processes.belonging({ ...sought, known: [...sought.known, ...frozen.values()] })) {
        if (frozen.has(keyOf(found))) continue;
        signalProcess(processes, found, 'SIGSTOP');
        frozen.set(keyOf(found), found);
      }
    }
    const spared = [...frozen.values()].filter((found) => !signalProcess(processes, found, 'SIGKILL'));
    if (spared.length > 0) throw mayNotBeEnded(spared);
  };

  return {
    isUnderWay: (workspaceId) => underWay.has(workspaceId),
    step(workspaceId, sought) {
      const before = underWay.get(workspaceId);
      const known = [...sought.known, ...(before?.left ?? [])];
      const left = [...processes.belonging({ ...sought, known })];
      if (left.length === 0) {
        underWay.delete(workspaceId);
        return { settled: true, detail: 'No process is left.' };
      }
      const now = clock().getTime();
      const deadline = before?.deadline ?? now + graceMs;
      underWay.set(workspaceId, { deadline, left });
      // One that may not be signalled may still end by itself, as its parent does.
      if (before === undefined) for (const found of left) signalProcess(processes, found, 'SIGTERM');
      else if (now >= deadline) kill({ ...sought, known: left });
      const detail = `Waiting for ${left.length} ${left.length === 1 ? 'process' : 'processes'} to end.`;
      return { settled: false, detail, again: againMs };
    },
  };
};

const mayNotBeEnded = (spared: readonly ProcessId[]): BerthError =>
  new BerthError(
    'compute_failed',
    `Processes of the workspace (${spared.map(({ pid }) => pid).join(', ')}) may not be ended by Berth, because they run with other rights, by sudo for instance. End them with those rights, and stop the workspace again.`,
  );

const keyOf = ({ pid, started }: ProcessId): string => `${pid} ${started}`;
