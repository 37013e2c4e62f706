import { WorkspaceId } from '../../contracts/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { ComputeKind, Observation, Progress, Run, WorkspaceRef } from '../kind.ts';
import { bring } from './bring.ts';
import { end } from './end.ts';
import { explain, isPassing } from './explain.ts';
import type { SeenVolume } from './home-volume.ts';
import type { VmRecord } from './lease.ts';
import type { Ec2VmSpec } from './spec.ts';
import { take } from './take.ts';
import { ec2VmTemplates } from './templates.ts';
import {
  again,
  type Ec2VmOptions,
  instantOf,
  type Move,
  msSince,
  overtaken,
  settled,
  type VmRun,
  type World,
  worldOf,
} from './world.ts';

/** The longest way, a launch that falls through some types and boots, takes a few minutes. */
const startMs = 900_000;

/** A call that AWS throttled or lost is tried again by the next one; what it refused is told in words. */
const patiently = async (work: () => Move): Move => {
  try {
    return await work();
  } catch (error) {
    if (isPassing(error)) return again(`AWS does not answer as it should (${(error as Error).message}).`, 2_000);
    throw explain(error);
  }
};

/** A machine of a persistent workspace is good for its next build, as long as that is to run in the same pool. */
const isReusable = ({ mode, pool }: VmRecord, { spec }: VmRun): boolean =>
  mode === 'persistent' && spec.mode === 'persistent' && pool === spec.pool;

const begin = async (world: World, run: VmRun, before: VmRecord | undefined): Move => {
  const { workspace, build, spec } = run;
  if (before?.machine !== undefined && !isReusable(before, run)) return end(world, before, false);
  const now = instantOf(world);
  const record: VmRecord = {
    workspaceId: workspace.id,
    build,
    pool: spec.pool,
    mode: spec.mode,
    state: before?.machine === undefined ? 'wanted' : 'leased',
    since: now,
    begun: now,
    machine: before?.machine,
    home: before?.home,
    revision: before?.revision ?? 0,
  };
  const saved = await world.leases.save(record, before?.machine === undefined ? {} : { renew: before.machine });
  if (typeof saved === 'string') return overtaken();
  return move(world, run, saved);
};

const move = (world: World, run: VmRun, record: VmRecord): Move =>
  record.state === 'leased' ? bring(world, run, record) : take(world, run, record);

const apply = async (world: World, run: VmRun): Move => {
  const record = await world.leases.load(run.workspace.id);
  if (record === undefined || record.state === 'stopped') {
    if ((record?.build.number ?? 0) > run.build.number) return settled('There is a newer build; nothing was done.');
    return begin(world, run, record);
  }
  if (record.build.number > run.build.number) return settled('There is a newer build; nothing was done.');
  if (record.state === 'ending' || record.build.id !== run.build.id) {
    const ended = await end(world, record, isReusable(record, run));
    return ended.settled ? again('The earlier VM is ended.', 10) : ended;
  }
  const progress = await patiently(() => move(world, run, record));
  if (progress.settled || msSince(world, record.begun) < startMs) return progress;
  throw tooLong(progress.detail);
};

const tooLong = (detail: string): BerthError =>
  new BerthError(
    'compute_failed',
    `The VM was not up after ${startMs / 60_000} minutes. The last thing known: ${detail} Start again; if it stays, show this to your administrator.`,
  );

/** A VM that is gone lets go of its volumes within seconds. */
const heldMs = 300_000;

const homeIsHeld = ({ volumeId, attachedTo }: SeenVolume): BerthError =>
  new BerthError(
    'compute_failed',
    `The home ${volumeId} cannot be deleted: somebody attached it to the VM ${attachedTo}. Ask your administrator to detach it, and delete the workspace again.`,
  );

const destroy = async (world: World, record: VmRecord): Move => {
  if (record.state !== 'stopped' || record.machine !== undefined) {
    const ended = await end(world, record, false);
    return ended.settled ? again('The VM is gone; the home follows.', 10) : ended;
  }
  const { installation } = world.settings;
  const homes = await world.volumes.ofWorkspace({ installation, workspaceId: record.workspaceId });
  const loose = homes.filter(({ attachedTo }) => attachedTo === undefined);
  const held = homes.find(({ attachedTo }) => attachedTo !== undefined);
  if (held !== undefined && msSince(world, record.since) > heldMs) throw homeIsHeld(held);
  for (const { volumeId } of loose) await world.volumes.delete(volumeId);
  if (homes.length > 0) return again('The home is being deleted.', 200);
  const lost = await world.leases.remove(record);
  return lost === undefined ? settled('Nothing is left.') : overtaken();
};

const observe = async (world: World, record: VmRecord): Promise<Observation> => {
  const { build, state, machine } = record;
  const of = (seen: Exclude<Observation['state'], 'absent'>, detail: string): Observation => ({
    state: seen,
    buildId: build.id,
    detail,
  });
  if (state === 'stopped') return { state: 'stopped', detail: 'No VM runs; the home is kept.' };
  if (machine === undefined) return of('starting', 'A VM is being taken.');
  if (state === 'ending') return of('running', 'The VM is being ended.');
  const vm = await world.vms.look(machine.instanceId);
  if (vm?.state === 'running') return of('running', `The VM ${machine.instanceId} runs.`);
  if (vm?.state === 'pending') return of('starting', `The VM ${machine.instanceId} boots.`);
  return of('failed', `The VM ${machine.instanceId} is ${vm?.state ?? 'gone'}${vm?.reason ? ` (${vm.reason})` : ''}.`);
};

/** A workspace as a virtual machine, leased from the spares of an Auto Scaling group. */
export const ec2VmKind = (options: Ec2VmOptions): ComputeKind<Ec2VmSpec> => {
  const world = worldOf(options);
  const withRecord = async <T>(ref: WorkspaceRef, none: T, work: (record: VmRecord) => Promise<T>): Promise<T> => {
    const record = await world.leases.load(WorkspaceId.parse(ref.id));
    return record === undefined ? none : work(record);
  };
  const nothing: Progress = settled('There is no VM.');

  return {
    ...ec2VmTemplates(options.settings),
    apply: async (run: Run<Ec2VmSpec>) => {
      WorkspaceId.parse(run.workspace.id);
      return patiently(() => apply(world, run));
    },
    stop: (ref) =>
      withRecord(ref, nothing, (record) => patiently(() => end(world, record, record.mode === 'persistent'))),
    destroy: (ref) => withRecord(ref, nothing, (record) => patiently(() => destroy(world, record))),
    observe: (ref) => withRecord<Observation>(ref, { state: 'absent' }, (record) => observe(world, record)),
    async *listOwned() {
      for await (const { workspaceId, build, state } of world.leases.all()) {
        yield state === 'stopped' ? { workspaceId } : { workspaceId, buildId: build.id };
      }
    },
  };
};
