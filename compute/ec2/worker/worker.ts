import { mapConcurrently } from '../../../base/concurrency.ts';
import { BerthError } from '../../../core/errors.ts';
import { isAwsError, isTransient, toComputeError } from '../aws/errors.ts';
import { changeState, type Ec2Context, isoNow, msSince } from '../context.ts';
import { endLease, isInstanceGone } from '../leases/end-lease.ts';
import { type VmRecord, workListOf } from '../leases/vm-record.ts';
import { poolOf } from '../spec.ts';
import { acquireInstances } from './acquire.ts';
import { detachLeased, startStopped } from './batches.ts';
import { loadWork, observeRecords, tableConcurrency } from './observe.ts';
import { maxUnderWay, queueMarkers, refill, startTimeoutMs } from './rate-limits.ts';
import { acquireWorkerLock, type WorkerState } from './worker-lock.ts';

/** The more records a run handles, the longer the pause before the next. */
const pauseAfter = (records: number): number => 250 + 10 * Math.min(records, maxUnderWay);

interface WorkerRun {
  state: WorkerState;
  /** This call was the worker: records may have changed. */
  hasRun: boolean;
}

/**
 * Advances all starts at once, unless another call is doing so: admits starts from the queue, leases instances to them
 * and stores what EC2 reports. Any start's call may become the worker, so that thousands of starts make few requests to
 * EC2.
 */
export const runStartWorker = async (context: Ec2Context, own: VmRecord): Promise<WorkerRun> => {
  const now = () => context.clock().getTime();
  const { state: before, release: releaseLock } = await acquireWorkerLock(context.table, 'starts', now);
  if (releaseLock === undefined) return { state: before, hasRun: false };
  const state: WorkerState = { ...refill(before, now()), trouble: {} };
  let handled = 0;
  try {
    const moving = (await loadWork(context, 'moving', own)).filter((record) => !isTimedOut(context, record, own));
    const records = new Map([...moving, ...(await admit(context, state, moving.length, own))].map(byWorkspace));
    handled = records.size;
    const failure = await leaseInstances(context, state, records, own);
    const isDetached = ({ state: is, machine }: VmRecord) => is === 'leased' && machine?.leaves === undefined;
    await startStopped(context, await observeRecords(context, [...records.values()].filter(isDetached)));
    if (failure !== undefined) throw failure;
  } finally {
    await releaseLock(state, pauseAfter(handled));
  }
  return { state, hasRun: true };
};

/** A start that timed out is ended by its own call. */
const isTimedOut = (context: Ec2Context, record: VmRecord, own: VmRecord): boolean =>
  record.workspaceId !== own.workspaceId && msSince(context, record.admitted ?? record.begun) > startTimeoutMs;

const byWorkspace = (record: VmRecord): [string, VmRecord] => [record.workspaceId, record];

/** Admits as many starts from the queue as the rate limits and the starts under way allow. */
const admit = async (context: Ec2Context, state: WorkerState, underWay: number, own: VmRecord): Promise<VmRecord[]> => {
  const queue = await context.leases.listWork('queued');
  const isMissing = workListOf(own) === 'queued' && !queue.some(({ workspaceId }) => workspaceId === own.workspaceId);
  // The index may lag behind the caller's own record.
  if (isMissing) queue.push(own);
  const room = Math.max(0, Math.min(Math.floor(state.admissions), maxUnderWay - underWay));
  const admitted = await mapConcurrently(queue.slice(0, room), tableConcurrency, async ({ workspaceId }) => {
    const record = await context.leases.load(workspaceId);
    if (record === undefined || workListOf(record) !== 'queued') return undefined;
    const machine = record.machine === undefined ? 'wanted' : 'leased';
    return context.leases.save(changeState(context, record, { state: machine, admitted: isoNow(context) }));
  });
  const out = admitted.filter((record) => record !== undefined && typeof record !== 'string');
  const rest = queue.slice(room);
  state.admissions -= out.length;
  state.queued = rest.length;
  state.places = queueMarkers(rest.map(({ begun }) => begun));
  if (out.length > 0 || rest.length === 0) state.moved = state.counted;
  return out;
};

/**
 * Leases instances to the records without one, and detaches leased instances from their groups. A failure of one pool
 * does not affect the others; returns the failure of the caller's own pool.
 */
const leaseInstances = async (
  context: Ec2Context,
  state: WorkerState,
  records: Map<string, VmRecord>,
  own: VmRecord,
): Promise<unknown> => {
  let failure: unknown;
  for (const [name, of] of Map.groupBy(records.values(), ({ pool }) => pool)) {
    try {
      const pool = poolOf(context.settings, name);
      const seekers = of.filter(({ state: is, full }) => (is === 'wanted' || is === 'waiting') && full !== true);
      const claimed = seekers.length === 0 ? [] : await acquireInstances(context, pool, seekers, state);
      const leaving = [...of, ...claimed].filter(({ state: is }) => is === 'leased');
      for (const record of [...claimed, ...(await detachLeased(context, pool, leaving))])
        records.set(...byWorkspace(record));
    } catch (error) {
      if (!isAwsError(error) && !isTransient(error) && !(error instanceof BerthError)) throw error;
      state.trouble[name] = { said: (toComputeError(error) as Error).message, isPassing: isTransient(error) };
      if (name === own.pool) failure = error;
    }
  }
  return failure;
};

/**
 * The same for releases, which need another permission: stores what EC2 reports of the instances, and ends the leases
 * of those that no longer exist, one after the other, because all of them change the pool's count.
 */
export const runEndWorker = async (context: Ec2Context, own: VmRecord): Promise<WorkerRun> => {
  const now = () => context.clock().getTime();
  const { state, release: releaseLock } = await acquireWorkerLock(context.table, 'ends', now);
  if (releaseLock === undefined) return { state, hasRun: false };
  let handled = 0;
  try {
    const ending = await observeRecords(context, await loadWork(context, 'ending', own));
    handled = ending.length;
    for (const record of ending) {
      if (record.machine?.leaves === undefined && isInstanceGone(context, record)) await endLease(context, record);
    }
  } finally {
    await releaseLock(state, pauseAfter(handled));
  }
  return { state, hasRun: true };
};
