import { BerthError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again, settled } from '../../progress.ts';
import type { ObservedVm } from '../aws/instances.ts';
import { missingTags, type Tags, tagNames, tagsOf } from '../aws/tags.ts';
import type { ObservedVolume } from '../aws/volumes.ts';
import { conflicted, type Ec2Context, proceed, type VmRun } from '../context.ts';
import type { VmRecord } from '../leases/vm-record.ts';
import { gibibytes } from '../spec.ts';

const homeIsLost = (volumeId: string, { installation, workspaceId }: Record<'installation' | 'workspaceId', string>) =>
  new BerthError('compute_failed', `The volume ${volumeId} with the home no longer exists.`, {
    remedy: `Ask your administrator to restore it from a snapshot, with the tags ${tagNames.installation}=${installation} and ${tagNames.workspace}=${workspaceId}, and start the workspace again; or delete the workspace.`,
  });

/**
 * The home's volume no longer exists. An administrator who restored it from a snapshot gave the new volume the same
 * tags.
 */
export const adoptRestoredVolume = async (context: Ec2Context, record: VmRecord, lostId: string): Promise<Progress> => {
  const tags = { installation: context.settings.installation, workspaceId: record.workspaceId };
  const [restored, another] = await context.volumes.findByWorkspace(tags);
  if (restored === undefined || another !== undefined) throw homeIsLost(lostId, tags);
  const { volumeId, zone } = restored;
  const saved = await context.leases.save({ ...record, home: { volumeId, zone }, seen: undefined });
  return typeof saved === 'string' ? conflicted() : proceed('The home was restored. Using its new volume.');
};

/** A call that crashed may have created the volume without storing its id: it is found by its tags. */
export const createHome = async (
  context: Ec2Context,
  run: VmRun,
  record: VmRecord,
  { zone }: ObservedVm,
): Promise<Progress> => {
  const { installation } = context.settings;
  const [found] = await context.volumes.findByWorkspace({ installation, workspaceId: record.workspaceId });
  const token = `${record.build.id}-home`;
  const size = gibibytes(run.spec.home.size);
  const { volumeId, zone: volumeZone } =
    found ?? (await context.volumes.create(zone, size, token, tagsOf(context.settings, run)));
  const saved = await context.leases.save({ ...record, home: { volumeId, zone: volumeZone } });
  return typeof saved === 'string' ? conflicted() : proceed('The home is being created.');
};

/**
 * Tags the instance with its workspace and home, for its boot script to read. Returns the tags that were missing, if
 * any.
 */
export const tagInstance = async (
  context: Ec2Context,
  run: VmRun,
  vm: ObservedVm,
  volumeId: string,
): Promise<Tags | undefined> => {
  const wanted = {
    ...tagsOf(context.settings, run),
    [tagNames.homeVolume]: volumeId,
    [tagNames.homePath]: run.spec.home.mountPath,
  };
  const missing = missingTags(wanted, vm.tags);
  if (Object.keys(missing).length === 0) return undefined;
  await context.vms.tag(vm.instanceId, missing);
  return missing;
};

export const attachHome = async (
  context: Ec2Context,
  run: VmRun,
  record: VmRecord,
  vm: ObservedVm,
  volume: Omit<ObservedVolume, 'createdAt'>,
): Promise<Progress> => {
  if (volume.quarantine !== undefined) await context.volumes.setQuarantine(volume.volumeId);
  const addedTags = await tagInstance(context, run, vm, volume.volumeId);
  if (addedTags !== undefined) {
    const tagged = { ...vm, tags: { ...vm.tags, ...addedTags } };
    const saved = await context.leases.save({ ...record, seen: { vm: tagged, volume } });
    return typeof saved === 'string' ? conflicted() : proceed('The VM is tagged.');
  }
  if (volume.attachedTo === vm.instanceId && volume.attached) {
    const saved = await context.leases.save({ ...record, up: true, seen: undefined });
    return typeof saved === 'string' ? conflicted() : settled('The VM is running with its home attached.');
  }
  if (volume.zone !== vm.zone) return replaceInOtherZone(context, record, vm, volume);
  if (volume.attachedTo === undefined && volume.state === 'available') {
    const size = gibibytes(run.spec.home.size);
    if (volume.sizeGiB < size) await context.volumes.grow(volume.volumeId, size);
    await context.volumes.attach(volume.volumeId, vm.instanceId);
    // Forget the observation: otherwise every call would attach the volume again until the worker observes it.
    await context.leases.save({ ...record, seen: { vm } });
  }
  return again('The home is being attached.', 500);
};

/** A volume cannot leave its zone: terminate the instance, so that the next call acquires one in the home's zone. */
const replaceInOtherZone = async (
  context: Ec2Context,
  record: VmRecord,
  { instanceId }: ObservedVm,
  { zone }: Pick<ObservedVolume, 'zone'>,
): Promise<Progress> => {
  const saved = await context.leases.save({ ...record, seen: undefined });
  if (typeof saved === 'string') return conflicted();
  await context.vms.terminate(instanceId);
  return again(`The home is in ${zone}. Acquiring a VM there.`, 1_000);
};
