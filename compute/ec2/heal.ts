import type { SeenVolume } from './home-volume.ts';
import { tagNames } from './tags.ts';
import type { SeenVm } from './vm.ts';
import { msSince, type World } from './world.ts';

export interface Healed {
  what: 'terminated' | 'stopped' | 'deleted';
  id: string;
  workspaceId: string;
}

/** A volume this young may be one whose workspace is just writing it down. */
const graceMs = 600_000;

/**
 * What AWS holds in a workspace's name and the workspace's record does not name is taken away: it is left of a step that
 * died. A machine is named before it is tagged, so one that is tagged and not named is nobody's. Spares carry no
 * workspace and are left alone.
 */
export async function* heal(world: World): AsyncGenerator<Healed> {
  const { installation } = world.settings;
  for await (const vm of world.vms.allTagged({ [tagNames.installation]: installation }, tagNames.workspace)) {
    const healed = await healVm(world, vm);
    if (healed !== undefined) yield healed;
  }
  for await (const volume of world.volumes.allLoose(installation)) {
    const healed = await healVolume(world, volume);
    if (healed !== undefined) yield healed;
  }
}

const healVm = async (world: World, vm: SeenVm): Promise<Healed | undefined> => {
  const workspaceId = vm.tags[tagNames.workspace] ?? '';
  const { instanceId, state, token } = vm;
  const record = await world.leases.load(workspaceId);
  const isLaunched = token !== undefined && record?.launch?.token === token;
  if (record?.machine?.instanceId !== instanceId && !isLaunched) {
    await world.vms.terminate(instanceId);
    return { what: 'terminated', id: instanceId, workspaceId };
  }
  if (record?.state !== 'stopped' || state !== 'running') return undefined;
  await world.vms.stop(instanceId, false);
  return { what: 'stopped', id: instanceId, workspaceId };
};

const healVolume = async (world: World, volume: SeenVolume): Promise<Healed | undefined> => {
  const { volumeId, workspaceId = '', createdAt } = volume;
  if (createdAt === undefined || msSince(world, createdAt.toISOString()) < graceMs) return undefined;
  const record = await world.leases.load(workspaceId);
  // One that lives and names no home yet takes up what it finds at its next step.
  if (record !== undefined && (record.home === undefined || record.home.volumeId === volumeId)) return undefined;
  await world.volumes.delete(volumeId);
  return { what: 'deleted', id: volumeId, workspaceId };
};
