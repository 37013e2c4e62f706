import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { judgeSubnets } from './subnets.ts';

const zones = ['eu-west-3a', 'eu-west-3b'];
const subnet = (id: string, zone = 0, change: Partial<Subnet> = {}): Subnet => ({
  SubnetId: id,
  VpcId: 'vpc-1',
  AvailabilityZone: zones[zone],
  AvailableIpAddressCount: 200,
  ...change,
});
const out: RouteTable = {
  Associations: [{ Main: true }],
  Routes: [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' }],
};
const table = (id: string, route: object): RouteTable => ({ Associations: [{ SubnetId: id }], Routes: [route] });

const judge = (subnets: Subnet[], tables: RouteTable[] = [out], privateSubnets: string[] = []) =>
  judgeSubnets(
    { vpcId: 'vpc-1', cidr: '10.0.0.0/16', zones, publicSubnets: ['a', 'b'], privateSubnets, routeTables: [] },
    subnets,
    tables,
    { machines: 100, replicas: 2 },
  ).map(({ level, what }) => `${level}: ${what}`);

const pair = [subnet('a'), subnet('b', 1)];
const nat = { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' };

test('two subnets in two zones, with the main route table', () => {
  expect(judge(pair)).toEqual(['ok: The 2 subnets are in 2 zones, with default routes and enough free addresses.']);
});

test('private subnets behind a NAT gateway', () => {
  const inside = [subnet('c'), subnet('d', 1)];
  const tables = [out, table('c', nat), table('d', nat)];
  expect(judge([...pair, ...inside], tables, ['c', 'd'])).toEqual([expect.stringMatching(/^ok: The 4 subnets/)]);
});

test('a route to a deleted NAT gateway is no default route, and a NAT is no internet gateway', () => {
  const gone = { ...nat, State: 'blackhole' };
  expect(judge([...pair, subnet('c')], [out, table('c', gone)], ['c'])).toEqual([
    'fail: The subnet c has no default route: agents in it could not reach the gateway.',
  ]);
  expect(judge(pair, [out, table('b', nat)])).toEqual([
    'fail: The subnet b has no route to an internet gateway: the load balancer could not be reached.',
  ]);
});

test('subnets in one zone, and a subnet of another VPC', () => {
  expect(judge([subnet('a'), subnet('b')])).toEqual([
    'fail: The public subnets are all in one zone; a load balancer needs two.',
    'fail: The subnet b is in eu-west-3a, but its position in publicSubnets is that of eu-west-3b.',
  ]);
  expect(judge([subnet('a'), subnet('b', 1, { VpcId: 'vpc-2' })])).toEqual(['fail: The subnet b is not in vpc-1.']);
});

test('capacity: eight addresses for the load balancer in each subnet, and one for each VM', () => {
  const narrow = (count: number) => judge(pair.map((one) => ({ ...one, AvailableIpAddressCount: count })));
  expect(narrow(52)).toEqual([expect.stringMatching(/^ok/)]);
  expect(narrow(51)).toEqual([
    'warn: The subnets for workspaces have 102 free addresses; 104 are needed with every pool at its cap.',
  ]);
  expect(narrow(7)).toContain('fail: A public subnet has fewer than the 8 free addresses that a load balancer needs.');
});
