import * as z from 'zod';
import { appsDomainIsApart, exactlyOneOf, isWithinZone } from './rules.ts';
import { arn, cidr, domainName, region, resourceId, zones } from './values.ts';

const certificateArn = arn('acm', 'an ACM certificate');

export const DomainSettings = z
  .strictObject({
    name: domainName.describe('The portal’s host; Berth also uses `api.` and `gateway.` below it'),
    apps: domainName.optional().describe('Apps get a host each below this domain; defaults to `apps.` below the name'),
    hostedZone: z
      .strictObject({
        id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, 'must be an ID such as Z0123456789ABC'),
        name: domainName,
      })
      .optional()
      .describe('A Route 53 hosted zone, in which Berth creates DNS records and validates certificates'),
    certificates: z
      .strictObject({
        regional: certificateArn.describe('For `api.`, `gateway.` and `*.apps.`, in the installation’s region'),
        portal: certificateArn.describe('For the portal’s host, in us-east-1, as CloudFront requires'),
      })
      .optional()
      .describe('Your own certificates, if you give no hosted zone; create the DNS records from the stacks’ outputs'),
  })
  .check(exactlyOneOf('hostedZone', 'certificates'), isWithinZone, appsDomainIsApart);

export const NetworkSettings = z
  .strictObject({
    new: z
      .strictObject({
        cidr: cidr.default('10.40.0.0/16'),
        zones,
        nat: z
          .enum(['none', 'instance', 'gateway'])
          .default('none')
          .describe('`none`: the gateway and the workspaces have public addresses, and no open port'),
      })
      .optional(),
    existing: z
      .strictObject({
        vpcId: resourceId('vpc'),
        cidr,
        zones,
        publicSubnets: z.array(resourceId('subnet')).min(2, 'must name a subnet in each of two zones'),
        privateSubnets: z
          .array(resourceId('subnet'))
          .default([])
          .describe('Subnets with a route to the internet; without any, the public ones are used'),
        routeTables: z
          .array(resourceId('rtb'))
          .default([])
          .describe('Route tables of the gateway’s subnets; `gateway.regions` adds routes to them'),
      })
      .optional(),
  })
  .check(exactlyOneOf('new', 'existing'));

const GatewayRegion = z.strictObject({
  region,
  network: z
    .strictObject({ cidr, zones })
    .describe('Berth creates a VPC and peers it with its other VPCs, so the ranges must not overlap'),
  replicas: z.int().min(1).max(20).default(2).describe('These replicas do not sleep'),
  certificate: certificateArn
    .optional()
    .describe('With `domain.certificates`: one for `gateway.` and `*.apps.` in that region'),
  alarmTopic: arn('sns', 'an SNS topic').optional().describe('With `alarms.topic`: a topic in that region'),
});
export type GatewayRegion = z.output<typeof GatewayRegion>;

export const GatewaySettings = z
  .strictObject({
    replicas: z.int().min(1).max(20).default(2).describe('The fewest replicas while a workspace runs'),
    mostReplicas: z.int().min(1).max(100).default(20).describe('The most replicas under load, in each region'),
    sleepWhenIdle: z
      .boolean()
      .default(true)
      .describe('Stop all replicas while no workspace runs; the first start then takes about a minute longer'),
    regions: z
      .array(GatewayRegion)
      .max(5)
      .default([])
      .describe('Further regions with replicas; DNS sends people and agents to the nearest one'),
    requestLogs: z
      .boolean()
      .default(false)
      .describe('Log every request with its full URL, which may contain private data of the people who use apps'),
  })
  .refine(
    ({ replicas, regions, mostReplicas }) => [{ replicas }, ...regions].every((one) => one.replicas <= mostReplicas),
    { path: ['mostReplicas'], error: 'is less than the number of replicas that run without load' },
  );
