import {
  DescribeAvailabilityZonesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';
import { judgeSubnets } from './subnets.ts';

type Existing = NonNullable<Settings['network']['existing']>;

const judgeZones = async (ec2: EC2Client, zones: string[]): Promise<Verdict[]> => {
  const Filters = [{ Name: 'zone-name', Values: zones }];
  const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({ Filters }));
  const available = AvailabilityZones.filter(({ State }) => State === 'available').map(({ ZoneName }) => ZoneName);
  const missing = zones.filter((zone) => !available.includes(zone));
  const todo = 'Correct network.new.zones; `aws ec2 describe-availability-zones` lists the zones.';
  if (missing.length > 0) return [fail(`The account cannot use ${missing.join(' and ')}.`, todo)];
  return [ok(`The account can use ${zones.join(' and ')}.`)];
};

const judgeExisting = async ({ aws: { ec2 }, settings }: Context, existing: Existing): Promise<Verdict[]> => {
  const { vpcId, cidr, publicSubnets, privateSubnets } = existing;
  const request = ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
  const { Vpcs: [vpc] = [] } = (await unlessAbsent(['InvalidVpcID.NotFound'], request)) ?? {};
  if (vpc === undefined) {
    return [fail(`The VPC ${vpcId} does not exist in ${settings.region}.`, 'Correct network.existing.vpcId.')];
  }
  const ranges = (vpc.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock ?? '');
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const subnetFilter = [{ Name: 'subnet-id', Values: [...publicSubnets, ...privateSubnets] }];
  const [{ Subnets = [] }, { RouteTables = [] }] = await Promise.all([
    ec2.send(new DescribeSubnetsCommand({ Filters: subnetFilter })),
    ec2.send(new DescribeRouteTablesCommand({ Filters })),
  ]);
  const machines = settings.vmPools.reduce((sum, { cap }) => sum + cap, 0);
  return [
    ranges.includes(cidr)
      ? ok(`The VPC ${vpcId} has the range ${cidr}.`)
      : fail(`The VPC ${vpcId} has the range ${ranges.join(', ')}, not ${cidr}.`, 'Correct network.existing.cidr.'),
    ...judgeSubnets(existing, Subnets, RouteTables, { machines, replicas: settings.gateway.replicas }),
  ];
};

export const network: Check = {
  name: 'network',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const { existing, new: planned } = context.settings.network;
    if (existing !== undefined) return judgeExisting(context, existing);
    return planned === undefined ? [] : judgeZones(context.aws.ec2, planned.zones);
  },
};
