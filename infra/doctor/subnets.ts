import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import type { Settings } from '../settings.ts';

type Existing = NonNullable<Settings['network']['existing']>;

/** AWS wants so many free in each subnet of a load balancer, for it to grow. */
const balancerAddresses = 8;

/** What the subnets are to have room for. */
export interface Needs {
  /** Most VMs there may be. */
  machines: number;
  /** Of the gateway; twice as many stand while it is replaced. */
  replicas: number;
}

/** The CDK takes the n-th subnet for one in the n-th zone and begins anew after the last one. */
const judgeZone = (setting: string, ids: string[], zones: string[], subnets: Subnet[]): Verdict[] =>
  ids.flatMap((id, place) => {
    const subnet = subnets.find(({ SubnetId }) => SubnetId === id);
    const zone = zones[place % zones.length];
    if (subnet === undefined || subnet.AvailabilityZone === zone) return [];
    return [
      fail(
        `The subnet ${id} is in ${subnet.AvailabilityZone}, but its place in ${setting} is that of ${zone}.`,
        `Name subnets in the order of network.existing.zones: ${zones.join(', ')}.`,
      ),
    ];
  });

const tableOf = (id: string, tables: RouteTable[]): RouteTable | undefined => {
  const has = (wanted: (association: { SubnetId?: string; Main?: boolean }) => boolean) =>
    tables.find(({ Associations = [] }) => Associations.some((association) => wanted(association as never)));
  return has(({ SubnetId }) => SubnetId === id) ?? has(({ Main }) => Main === true);
};

const wayOutOf = (id: string, tables: RouteTable[]) =>
  tableOf(id, tables)?.Routes?.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );

const judgeWays = ({ publicSubnets, privateSubnets }: Existing, tables: RouteTable[]): Verdict[] => [
  ...publicSubnets
    .filter((id) => !wayOutOf(id, tables)?.GatewayId?.startsWith('igw-'))
    .map((id) =>
      fail(
        `The subnet ${id} has no route to an internet gateway: nobody would reach the load balancer.`,
        'Name public subnets in network.existing.publicSubnets, or give it a route 0.0.0.0/0 to the internet gateway.',
      ),
    ),
  ...privateSubnets
    .filter((id) => wayOutOf(id, tables) === undefined)
    .map((id) =>
      fail(
        `The subnet ${id} has no way out: no agent in it would reach the gateway.`,
        'Give it a route 0.0.0.0/0 to a NAT.',
      ),
    ),
];

const judgeRoom = ({ publicSubnets, privateSubnets }: Existing, subnets: Subnet[], needs: Needs): Verdict[] => {
  const freeIn = (ids: string[]) =>
    subnets.filter(({ SubnetId = '' }) => ids.includes(SubnetId)).map((subnet) => subnet.AvailableIpAddressCount ?? 0);
  const used = privateSubnets.length === 0 ? publicSubnets : privateSubnets;
  const free = freeIn(used).reduce((sum, count) => sum + count, 0);
  const needed = needs.machines + 2 * needs.replicas;
  return [
    ...(freeIn(publicSubnets).some((count) => count < balancerAddresses)
      ? [
          fail(
            `A public subnet has fewer than ${balancerAddresses} free addresses, which a load balancer needs.`,
            'Free some, or take larger subnets.',
          ),
        ]
      : []),
    ...(free < needed
      ? [
          warn(
            `The subnets of workspaces have ${free} free addresses; ${needed} are needed with every pool at its cap.`,
            'Take larger subnets, or lower the caps of vmPools.',
          ),
        ]
      : []),
  ];
};

/** What is to be said of the subnets that the settings name. */
export const judgeSubnets = (existing: Existing, subnets: Subnet[], tables: RouteTable[], needs: Needs): Verdict[] => {
  const { vpcId, zones, publicSubnets, privateSubnets } = existing;
  const named = [...publicSubnets, ...privateSubnets];
  const missing = named.filter((id) => !subnets.some(({ SubnetId }) => SubnetId === id));
  const strays = subnets.filter(({ VpcId }) => VpcId !== vpcId).map(({ SubnetId }) => SubnetId ?? '');
  const known = publicSubnets.filter((id) => !missing.includes(id));
  const used = new Set(
    subnets.filter(({ SubnetId = '' }) => known.includes(SubnetId)).map((subnet) => subnet.AvailabilityZone),
  );
  const verdicts = [
    ...missing.map((id) => fail(`There is no subnet ${id}.`, 'Correct network.existing.')),
    ...strays.map((id) => fail(`The subnet ${id} is not in ${vpcId}.`, 'Correct network.existing.')),
    ...(missing.length === 0 && used.size < 2
      ? [fail('The public subnets are all in one zone; a load balancer stands in two.', 'Name one of another zone.')]
      : []),
    ...judgeZone('publicSubnets', publicSubnets, zones, subnets),
    ...judgeZone('privateSubnets', privateSubnets, zones, subnets),
    ...judgeWays(
      { ...existing, publicSubnets: known, privateSubnets: privateSubnets.filter((id) => !missing.includes(id)) },
      tables,
    ),
    ...judgeRoom(existing, subnets, needs),
  ];
  return verdicts.length > 0
    ? verdicts
    : [ok(`The ${named.length} subnets are in ${used.size} zones, with a way out and room.`)];
};
