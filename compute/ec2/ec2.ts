import { WorkspaceId } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import type {
  ComputeKind,
  Observation,
  Progress,
  Quarantine,
  Run,
  WorkspaceRef,
} from '../../core/ports/compute-kind.ts';
import { again, settled } from '../progress.ts';
import { isTransient, toComputeError } from './aws/errors.ts';
import type { ObservedVolume } from './aws/volumes.ts';
import {
  conflicted,
  createContext,
  type Ec2Context,
  type Ec2VmOptions,
  isoNow,
  msSince,
  proceed,
  type VmRun,
} from './context.ts';
import { launchInstance } from './leases/launch.ts';
import { type VmRecord, workListOf } from './leases/vm-record.ts';
import { bootVm } from './lifecycle/boot.ts';
import { releaseVm } from './lifecycle/release.ts';
import type { Ec2VmSpec } from './spec.ts';
import { ec2VmTemplates } from './templates.ts';
import { describeWait } from './worker/queue-progress.ts';
import { startTimeoutMs } from './worker/rate-limits.ts';
import { runStartWorker } from './worker/worker.ts';
import { msSinceAdmission } from './worker/worker-lock.ts';

/** Requests another call when AWS throttled or lost a request; turns refusals into errors for people. */
const withRetry = async (work: () => Promise<Progress>): Promise<Progress> => {
  try {
    return await work();
  } catch (error) {
    if (isTransient(error)) return again(`AWS responded with an error (${(error as Error).message}). Retrying.`, 2_000);
    throw toComputeError(error);
  }
};

/** A persistent workspace keeps its instance for the next build, if that runs in the same pool. */
const isReusable = ({ mode, pool }: VmRecord, { spec }: VmRun): boolean =>
  mode === 'persistent' && spec.mode === 'persistent' && pool === spec.pool;

const begin = async (context: Ec2Context, run: VmRun, before: VmRecord | undefined): Promise<Progress> => {
  const { workspace, build, spec } = run;
  if (before?.machine !== undefined && !isReusable(before, run)) return releaseVm(context, before, false);
  const now = isoNow(context);
  const record: VmRecord = {
    workspaceId: workspace.id,
    build,
    pool: spec.pool,
    mode: spec.mode,
    state: 'wanted',
    since: now,
    begun: now,
    machine: before?.machine,
    home: before?.home,
    size: spec.size,
    homePath: spec.home.mountPath,
    revision: before?.revision ?? 0,
  };
  const saved = await context.leases.save(record, before?.machine === undefined ? {} : { renew: before.machine });
  if (typeof saved === 'string') return conflicted();
  return proceed('Waiting for a VM.');
};

/** Runs the worker for all starts, if no other call does, and then advances this start. */
const advanceStart = async (context: Ec2Context, run: VmRun, record: VmRecord): Promise<Progress> => {
  if (record.state === 'launching') return launchInstance(context, run, record);
  if (workListOf(record) === undefined) return bootVm(context, run, record);
  const { state, hasRun: isDone } = await runStartWorker(context, record);
  const current = isDone ? await context.leases.load(record.workspaceId) : record;
  if (current?.build.id !== run.build.id) return conflicted();
  if (current.state === 'leased') return bootVm(context, run, current);
  if (current.state === 'wanted' || current.state === 'waiting') return describeWait(context, current, state);
  return proceed('Launching a VM.');
};

/** The timeout of a queued start begins again whenever the queue moves. */
const isTimedOut = async (context: Ec2Context, { admitted, begun, state, up }: VmRecord): Promise<boolean> => {
  if (up === true) return false;
  const since = admitted ?? begun;
  if (msSince(context, since) < startTimeoutMs) return false;
  return admitted !== undefined || state !== 'wanted' || (await msSinceAdmission(context)) >= startTimeoutMs;
};

const apply = async (context: Ec2Context, run: VmRun): Promise<Progress> => {
  const record = await context.leases.load(run.workspace.id);
  if (record === undefined || record.state === 'stopped') {
    if ((record?.build.number ?? 0) > run.build.number)
      return settled('Nothing was done, because there is a newer build.');
    return begin(context, run, record);
  }
  if (record.build.number > run.build.number) return settled('Nothing was done, because there is a newer build.');
  if (record.state === 'ending' || record.build.id !== run.build.id) {
    const ended = await releaseVm(context, record, isReusable(record, run));
    return ended.settled ? again('The previous VM was released.', 10) : ended;
  }
  // A record of a version that had no queue.
  if (record.admitted === undefined && record.state !== 'wanted') {
    await context.leases.save({ ...record, admitted: isoNow(context) });
    return proceed('Checking the VM.');
  }
  const progress = await withRetry(() => advanceStart(context, run, record));
  if (progress.settled || !(await isTimedOut(context, record))) return progress;
  throw startTimedOut(progress.detail);
};

const startTimedOut = (detail: string): BerthError =>
  new BerthError(
    'compute_failed',
    `The VM was not running after ${startTimeoutMs / 60_000} minutes. Last status: ${detail}`,
    { remedy: 'Start again. If the problem persists, contact your administrator.' },
  );

/** EC2 detaches the volumes of a terminated instance within seconds. */
const detachTimeoutMs = 300_000;

const homeIsAttached = ({ volumeId, attachedTo }: ObservedVolume): BerthError =>
  new BerthError(
    'compute_failed',
    `The home ${volumeId} cannot be deleted, because it is attached to the VM ${attachedTo}.`,
    { remedy: 'Ask your administrator to detach it, and delete the workspace again.' },
  );

/** Advances the termination of the instance, also of a persistent workspace. */
const releaseCompletely = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  if (record.state === 'stopped' && record.machine === undefined) return settled('No VM exists.');
  const ended = await releaseVm(context, record, false);
  return ended.settled ? again('The VM was terminated. Handling the home.', 10) : ended;
};

const homesOf = (context: Ec2Context, workspaceId: string) =>
  context.volumes.findByWorkspace({ installation: context.settings.installation, workspaceId });

const removeRecord = async (context: Ec2Context, record: VmRecord | undefined, detail: string): Promise<Progress> => {
  const conflict = record && (await context.leases.remove(record));
  return conflict === undefined ? settled(detail) : conflicted();
};

/** Finds the volumes by their tags, so that it also works without a record, as after a restore of the table. */
const destroy = async (context: Ec2Context, workspaceId: string, record: VmRecord | undefined): Promise<Progress> => {
  if (record !== undefined) {
    const ended = await releaseCompletely(context, record);
    if (!ended.settled) return ended;
  }
  const homes = await homesOf(context, workspaceId);
  const unattached = homes.filter(({ attachedTo }) => attachedTo === undefined);
  const attached = homes.find(({ attachedTo }) => attachedTo !== undefined);
  if (attached !== undefined && (record === undefined || msSince(context, record.since) > detachTimeoutMs))
    throw homeIsAttached(attached);
  for (const { volumeId } of unattached) await context.volumes.delete(volumeId);
  if (homes.length > 0) return again('The home is being deleted.', 200);
  return removeRecord(context, record, 'Nothing is left.');
};

const quarantine = async (
  context: Ec2Context,
  workspaceId: string,
  record: VmRecord | undefined,
  mark: Quarantine,
): Promise<Progress> => {
  if (record !== undefined) {
    const ended = await releaseCompletely(context, record);
    if (!ended.settled) return ended;
  }
  for (const volume of await homesOf(context, workspaceId)) {
    if (volume.quarantine === undefined) await context.volumes.setQuarantine(volume.volumeId, mark);
  }
  return removeRecord(context, record, 'No VM is running. The home is kept.');
};

const observe = async (context: Ec2Context, record: VmRecord): Promise<Observation> => {
  const { build, state, machine } = record;
  const of = (seen: Exclude<Observation['state'], 'absent'>, detail: string): Observation => ({
    state: seen,
    buildId: build.id,
    detail,
  });
  if (state === 'stopped') return { state: 'stopped', detail: 'No VM is running. The home is kept.' };
  if (machine === undefined || state === 'wanted') return of('starting', 'A VM is being acquired.');
  if (state === 'ending') return of('running', 'The VM is being released.');
  const vm = await context.vms.describe(machine.instanceId);
  if (vm?.state === 'running') return of('running', `The VM ${machine.instanceId} is running.`);
  if (vm?.state === 'pending') return of('starting', `The VM ${machine.instanceId} is booting.`);
  return of(
    'failed',
    `The VM ${machine.instanceId} is ${vm?.state ?? 'terminated'}${vm?.reason ? ` (${vm.reason})` : ''}.`,
  );
};

/** A workspace as a virtual machine, leased from the spares of an Auto Scaling group. */
export const ec2VmKind = (options: Ec2VmOptions): ComputeKind<Ec2VmSpec> => {
  const context = createContext(options);
  const withRecord = async <T>(ref: WorkspaceRef, none: T, work: (record: VmRecord) => Promise<T>): Promise<T> => {
    const record = await context.leases.load(WorkspaceId.parse(ref.id));
    return record === undefined ? none : work(record);
  };
  const nothing: Progress = settled('No VM exists.');

  return {
    ...ec2VmTemplates(options.settings),
    apply: async (run: Run<Ec2VmSpec>) => {
      WorkspaceId.parse(run.workspace.id);
      return withRetry(() => apply(context, run));
    },
    stop: (ref) =>
      withRecord(ref, nothing, (record) => withRetry(() => releaseVm(context, record, record.mode === 'persistent'))),
    destroy: async ({ workspaceId }) => {
      const record = await context.leases.load(WorkspaceId.parse(workspaceId));
      return withRetry(() => destroy(context, workspaceId, record));
    },
    quarantine: async ({ id }, mark) => {
      const record = await context.leases.load(WorkspaceId.parse(id));
      return withRetry(() => quarantine(context, id, record, mark));
    },
    observe: (ref) => withRecord<Observation>(ref, { state: 'absent' }, (record) => observe(context, record)),
    listOwned: () => context.leases.listOwned(),
  };
};
