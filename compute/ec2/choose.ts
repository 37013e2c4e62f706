import { createHash } from 'node:crypto';
import type { VmPool } from '../../contracts/vm-settings.ts';

/** What a workspace can live with. */
export interface Wish {
  /** In the order in which they are wanted. */
  instanceTypes: readonly string[];
  /** A home that exists binds its workspace to its zone. */
  zones: readonly string[];
  /** Spreads workspaces that ask at once over spares and zones. */
  seed: string;
}

export const wishOf = (pool: VmPool, size: string | undefined, homeZone: string | undefined, seed: string): Wish => {
  const from = size === undefined ? 0 : pool.instanceTypes.indexOf(size);
  const zones = [...new Set(pool.subnets.map(({ zone }) => zone))];
  return {
    instanceTypes: pool.instanceTypes.slice(Math.max(0, from)),
    zones: homeZone === undefined ? zones : zones.filter((zone) => zone === homeZone),
    seed,
  };
};

/** A machine of the pool's group, as the group tells of it. */
export interface GroupMember {
  instanceId: string;
  instanceType: string;
  zone: string;
  /** `InService`, `Pending`, `Warmed:Stopped`, … */
  lifecycle: string;
  healthy: boolean;
}

export const fits = ({ instanceTypes, zones }: Wish, { instanceType, zone }: GroupMember): boolean =>
  instanceTypes.includes(instanceType) && zones.includes(zone);

const spread = (seed: string, id: string): string => createHash('sha256').update(`${seed} ${id}`).digest('hex');

/** The running spares that fit, the best first. */
export const candidates = (members: readonly GroupMember[], wish: Wish): GroupMember[] => {
  const rank = ({ instanceType, instanceId }: GroupMember) => ({
    type: wish.instanceTypes.indexOf(instanceType),
    place: spread(wish.seed, instanceId),
  });
  return members
    .filter((member) => member.lifecycle === 'InService' && member.healthy && fits(wish, member))
    .map((member) => ({ member, ...rank(member) }))
    .sort((a, b) => a.type - b.type || (a.place < b.place ? -1 : 1))
    .map(({ member }) => member);
};

const underWay = /^(Pending|Warmed:)/;

/** The machines of group and warm pool that are not spares yet and would fit once they are. */
export const coming = (members: readonly GroupMember[], wish: Wish): number =>
  members.filter((member) => underWay.test(member.lifecycle) && member.healthy && fits(wish, member)).length;

export interface LaunchOption {
  instanceType: string;
  subnetId: string;
  zone: string;
}

/** Every way to launch a machine, in the order in which they are tried: the wanted type in all zones first. */
export const launchOptions = (pool: VmPool, wish: Wish): LaunchOption[] => {
  const subnets = pool.subnets
    .filter(({ zone }) => wish.zones.includes(zone))
    .toSorted((a, b) => (spread(wish.seed, a.id) < spread(wish.seed, b.id) ? -1 : 1));
  return wish.instanceTypes.flatMap((instanceType) =>
    subnets.map(({ id, zone }) => ({ instanceType, subnetId: id, zone })),
  );
};

/** The option to try after the one at `index` was refused; past the end when there is none. */
export const optionAfter = (options: readonly LaunchOption[], index: number, code: string): number => {
  // The limit of an instance type holds in every zone.
  if (code !== 'VcpuLimitExceeded') return index + 1;
  const refused = options[index]?.instanceType;
  const next = options.findIndex(({ instanceType }, place) => place > index && instanceType !== refused);
  return next === -1 ? options.length : next;
};
