import { createHash } from 'node:crypto';
import type { VmPool } from '../../../contracts/settings/vm.ts';
import type { GroupMember } from '../aws/auto-scaling-group.ts';
import type { LaunchOption } from '../aws/instances.ts';

/** The instances that a workspace can use. */
export interface InstanceRequirements {
  /** In order of preference. */
  instanceTypes: readonly string[];
  /** An existing home binds its workspace to one zone, because EBS volumes do not leave theirs. */
  zones: readonly string[];
  /** Spreads workspaces that start at the same time over spares and zones. */
  seed: string;
}

export const requirementsFor = (
  pool: VmPool,
  size: string | undefined,
  homeZone: string | undefined,
  seed: string,
): InstanceRequirements => {
  const from = size === undefined ? 0 : pool.instanceTypes.indexOf(size);
  const zones = [...new Set(pool.subnets.map(({ zone }) => zone))];
  return {
    instanceTypes: pool.instanceTypes.slice(Math.max(0, from)),
    zones: homeZone === undefined ? zones : zones.filter((zone) => zone === homeZone),
    seed,
  };
};

const isMatch = ({ instanceTypes, zones }: InstanceRequirements, { instanceType, zone }: GroupMember): boolean =>
  instanceTypes.includes(instanceType) && zones.includes(zone);

const hashRank = (seed: string, id: string): string => createHash('sha256').update(`${seed} ${id}`).digest('hex');

/** The running spares that match, best first. */
export const selectSpares = (members: readonly GroupMember[], requirements: InstanceRequirements): GroupMember[] => {
  const rank = ({ instanceType, instanceId }: GroupMember) => ({
    type: requirements.instanceTypes.indexOf(instanceType),
    order: hashRank(requirements.seed, instanceId),
  });
  return members
    .filter((member) => member.lifecycle === 'InService' && member.healthy && isMatch(requirements, member))
    .map((member) => ({ member, ...rank(member) }))
    .sort((a, b) => a.type - b.type || (a.order < b.order ? -1 : 1))
    .map(({ member }) => member);
};

const startingStates = /^(Pending|Warmed:)/;

/** How many matching instances of group and warm pool are on the way to becoming spares. */
export const countStarting = (members: readonly GroupMember[], requirements: InstanceRequirements): number =>
  members.filter((member) => startingStates.test(member.lifecycle) && member.healthy && isMatch(requirements, member))
    .length;

/** Every combination of type and subnet, in the order to try: the preferred type in all zones first. */
export const launchOptions = (pool: VmPool, requirements: InstanceRequirements): LaunchOption[] => {
  const subnets = pool.subnets
    .filter(({ zone }) => requirements.zones.includes(zone))
    .toSorted((a, b) => (hashRank(requirements.seed, a.id) < hashRank(requirements.seed, b.id) ? -1 : 1));
  return requirements.instanceTypes.flatMap((instanceType) =>
    subnets.map(({ id, zone }) => ({ instanceType, subnetId: id, zone })),
  );
};

/** The index of the option to try after the one at `index` was refused; past the end when none is left. */
export const nextLaunchOption = (options: readonly LaunchOption[], index: number, code: string): number => {
  // A vCPU limit applies to the instance type in every zone.
  if (code !== 'VcpuLimitExceeded') return index + 1;
  const refused = options[index]?.instanceType;
  const next = options.findIndex(({ instanceType }, position) => position > index && instanceType !== refused);
  return next === -1 ? options.length : next;
};
