import { BerthError } from '../../core/errors.ts';
import type { SeenVolume } from './home-volume.ts';
import type { VmRecord } from './lease.ts';
import { gibibytes } from './spec.ts';
import { missingTags, tagNames, tagsOf } from './tags.ts';
import type { SeenVm } from './vm.ts';
import { again, type Move, next, overtaken, settled, type VmRun, type World } from './world.ts';

export const homeIsLost = (volumeId: string): BerthError =>
  new BerthError(
    'compute_failed',
    `The volume ${volumeId}, which holds the home, is not there any more. Ask your administrator to restore it from a snapshot, or delete the workspace.`,
  );

/** A step that died may have made it and not said so: then it is found by its tags. */
export const makeHome = async (world: World, run: VmRun, record: VmRecord, { zone }: SeenVm): Move => {
  const { installation } = world.settings;
  const [found] = await world.volumes.ofWorkspace({ installation, workspaceId: record.workspaceId });
  const token = `${record.build.id}-home`;
  const size = gibibytes(run.spec.home.size);
  const { volumeId, zone: madeIn } =
    found ?? (await world.volumes.create(zone, size, token, tagsOf(world.settings, run)));
  const saved = await world.leases.save({ ...record, home: { volumeId, zone: madeIn } });
  return typeof saved === 'string' ? overtaken() : next('The home is being made.');
};

export const attachHome = async (world: World, run: VmRun, vm: SeenVm, volume: SeenVolume): Move => {
  const wanted = {
    ...tagsOf(world.settings, run),
    [tagNames.homeVolume]: volume.volumeId,
    [tagNames.homePath]: run.spec.home.mountPath,
  };
  const missing = missingTags(wanted, vm.tags);
  if (Object.keys(missing).length > 0) await world.vms.tag(vm.instanceId, missing);
  if (volume.attachedTo === vm.instanceId && volume.attached) return settled('The VM runs with its home.');
  if (volume.zone !== vm.zone) return giveBack(world, vm, volume);
  if (volume.attachedTo === undefined && volume.state === 'available') {
    const size = gibibytes(run.spec.home.size);
    if (volume.sizeGiB < size) await world.volumes.grow(volume.volumeId, size);
    await world.volumes.attach(volume.volumeId, vm.instanceId);
  }
  return again('The home is being attached.', 300);
};

/** The home was found in another zone than the machine's: the next call takes a machine there. */
const giveBack = async (world: World, { instanceId }: SeenVm, { zone }: SeenVolume): Move => {
  await world.vms.terminate(instanceId);
  return again(`The home is in ${zone}; a VM is taken there.`, 1_000);
};
