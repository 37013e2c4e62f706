import { BerthError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again } from '../../progress.ts';
import { poolIsFull } from '../aws/errors.ts';
import type { Ec2Context } from '../context.ts';
import type { VmRecord } from '../leases/vm-record.ts';
import { poolOf } from '../spec.ts';
import { startsAhead, startsPerSecond } from './rate-limits.ts';
import type { WorkerState } from './worker-lock.ts';

/** A start far behind in the queue is called again after this long. */
const maxPauseMs = 30_000;
const minPauseMs = 300;

/** The progress of a start without an instance, with a pause that grows with the number of starts ahead. */
export const describeWait = async (context: Ec2Context, record: VmRecord, state: WorkerState): Promise<Progress> => {
  const { cap, name } = poolOf(context.settings, record.pool);
  if (record.full === true) throw poolIsFull(name, cap);
  const trouble = state.trouble[name];
  if (trouble?.isPassing === false) throw new BerthError('compute_failed', trouble.said);
  if (trouble !== undefined) return again(`AWS responded with an error (${trouble.said}). Retrying.`, 2_000);
  if (record.state === 'waiting') return again('Waiting for a spare VM to boot.', 1_000);
  if (record.admitted !== undefined) return again('Waiting for a VM.', 1_000);
  const ahead = startsAhead(state, record.begun);
  const ms = Math.min(maxPauseMs, Math.max(minPauseMs, (ahead / startsPerSecond / 2) * 1_000));
  return again(
    ahead === 0 ? 'Waiting for a VM.' : `Waiting for a VM. About ${ahead} starts are ahead.`,
    Math.round(ms),
  );
};
