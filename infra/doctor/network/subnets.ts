import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import type { Settings } from '../../settings/settings.ts';

type Existing = NonNullable<Settings['network']['existing']>;

/** A load balancer needs this many free addresses in each of its subnets to scale. */
const balancerAddresses = 8;

/** What the subnets need addresses for. */
export interface Needs {
  /** All VM pools at their caps. */
  machines: number;
  /** Replicas of the gateway; there are twice as many during a deployment. */
  replicas: number;
}

/** The CDK assumes that the n-th subnet is in the n-th zone, and starts again at the first zone after the last. */
const judgeZone = (setting: string, ids: string[], zones: string[], subnets: Subnet[]): Verdict[] =>
  ids.flatMap((id, index) => {
    const subnet = subnets.find(({ SubnetId }) => SubnetId === id);
    const zone = zones[index % zones.length];
    if (subnet === undefined || subnet.AvailabilityZone === zone) return [];
    return [
      fail(
        `The subnet ${id} is in ${subnet.AvailabilityZone}, but its position in ${setting} is that of ${zone}.`,
        `List subnets in the order of network.existing.zones: ${zones.join(', ')}.`,
      ),
    ];
  });

const tableOf = (id: string, tables: RouteTable[]): RouteTable | undefined => {
  const has = (matches: (association: { SubnetId?: string; Main?: boolean }) => boolean) =>
    tables.find(({ Associations = [] }) => Associations.some((association) => matches(association as never)));
  return has(({ SubnetId }) => SubnetId === id) ?? has(({ Main }) => Main === true);
};

const defaultRouteOf = (id: string, tables: RouteTable[]) =>
  tableOf(id, tables)?.Routes?.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );

const judgeRoutes = ({ publicSubnets, privateSubnets }: Existing, tables: RouteTable[]): Verdict[] => [
  ...publicSubnets
    .filter((id) => !defaultRouteOf(id, tables)?.GatewayId?.startsWith('igw-'))
    .map((id) =>
      fail(
        `The subnet ${id} has no route to an internet gateway: the load balancer could not be reached.`,
        'List only public subnets in network.existing.publicSubnets, or add a route for 0.0.0.0/0 to the internet gateway.',
      ),
    ),
  ...privateSubnets
    .filter((id) => defaultRouteOf(id, tables) === undefined)
    .map((id) =>
      fail(
        `The subnet ${id} has no default route: agents in it could not reach the gateway.`,
        'Add a route for 0.0.0.0/0 to a NAT gateway or NAT instance.',
      ),
    ),
];

const judgeCapacity = ({ publicSubnets, privateSubnets }: Existing, subnets: Subnet[], needs: Needs): Verdict[] => {
  const freeIn = (ids: string[]) =>
    subnets.filter(({ SubnetId = '' }) => ids.includes(SubnetId)).map((subnet) => subnet.AvailableIpAddressCount ?? 0);
  const used = privateSubnets.length === 0 ? publicSubnets : privateSubnets;
  const free = freeIn(used).reduce((sum, count) => sum + count, 0);
  const needed = needs.machines + 2 * needs.replicas;
  return [
    ...(freeIn(publicSubnets).some((count) => count < balancerAddresses)
      ? [
          fail(
            `A public subnet has fewer than the ${balancerAddresses} free addresses that a load balancer needs.`,
            'Free some addresses, or use larger subnets.',
          ),
        ]
      : []),
    ...(free < needed
      ? [
          warn(
            `The subnets for workspaces have ${free} free addresses; ${needed} are needed with every pool at its cap.`,
            'Use larger subnets, or lower the caps of vmPools.',
          ),
        ]
      : []),
  ];
};

/** Checks the subnets that the settings name. */
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
    ...missing.map((id) => fail(`The subnet ${id} does not exist.`, 'Correct network.existing.')),
    ...strays.map((id) => fail(`The subnet ${id} is not in ${vpcId}.`, 'Correct network.existing.')),
    ...(missing.length === 0 && used.size < 2
      ? [fail('The public subnets are all in one zone; a load balancer needs two.', 'Add a subnet in another zone.')]
      : []),
    ...judgeZone('publicSubnets', publicSubnets, zones, subnets),
    ...judgeZone('privateSubnets', privateSubnets, zones, subnets),
    ...judgeRoutes(
      { ...existing, publicSubnets: known, privateSubnets: privateSubnets.filter((id) => !missing.includes(id)) },
      tables,
    ),
    ...judgeCapacity(existing, subnets, needs),
  ];
  return verdicts.length > 0
    ? verdicts
    : [ok(`The ${named.length} subnets are in ${used.size} zones, with default routes and enough free addresses.`)];
};
