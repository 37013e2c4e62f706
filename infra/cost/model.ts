import { type PriceName, prices } from './prices.ts';
import { activitiesPerMonth, type Habits, hoursPerMonth, totalUsage } from './usage.ts';

export interface Line {
  service: string;
  what: string;
  /** In the price's unit. */
  quantity: number;
  usd: number;
}

interface Bill {
  developers: number;
  /** The cost of Berth itself. */
  controlPlane: Line[];
  /** The cost of workspaces and their traffic, which depends only on their sizes, hours and use. */
  workspaces: Line[];
}

interface CostInput {
  developers: number;
  habits: Habits;
  /** Whether an EKS cluster runs workspaces. */
  eks: boolean;
  /** Whether workspaces have no public addresses and use NAT gateways. */
  nat: boolean;
  /** The number of further regions of the gateway. */
  regions?: number;
}

const billLine = (service: string, name: PriceName, what: string, quantity: number): Line => ({
  service,
  what,
  quantity,
  usd: quantity * prices[name].usd,
});

/** A function's usual duration and memory: measured on the bundles, with an allowance for AWS's own overhead. */
const functionSeconds = 0.06;
const functionGb = 0.25;
/** The average batch of a consumer of the change stream on an ordinary day; batches are larger under load. */
const changesPerCall = 2;
const auditKb = 1;

/** One replica for 2,500 connected workspaces, and at least two while any workspace runs. */
const replicas = (developers: number): number => (developers === 0 ? 0 : Math.max(2, Math.ceil(developers / 2_500)));
/**
 * The gateway sleeps while no workspace runs: most of the nights and weekends, unless people work in many time zones.
 */
const gatewayHours = (developers: number, { workDays, hours }: Habits): number =>
  developers === 0 ? 0 : Math.min(hoursPerMonth, workDays * (hours + 6));
/** The sweep runs every minute and reads pages of the index `due`, which are nearly always empty. */
const sweeps = hoursPerMonth * 60;
const readsPerSweep = 5;
/** Each replica polls revocations once a second and renews its lease every ten. */
const readsPerReplicaHour = 3_600;
/** A replica in a region a quarter of a second away polls more often: see gateway/access/revocations.ts. */
const readsPerFarReplicaHour = 13_000;
const writesPerReplicaHour = 360 * 2;

/** Functions whose callers are not traced: five of the API and two of the change stream. */
const rootFunctions = 7;
/** Lambda traces the first call of each second, and one in twenty of the others; no rule of X-Ray changes that. */
const tracesOf = (calls: number, seconds: number): number => {
  const first = Math.min(calls, seconds * rootFunctions);
  return first + (calls - first) / 20;
};

const functionLines = (what: string, calls: number): Line[] => [
  billLine('Lambda', 'lambdaRequests', `calls: ${what}`, calls),
  billLine('Lambda', 'lambdaGbSeconds', `time: ${what}`, calls * functionSeconds * functionGb),
];

const controlPlane = ({ developers, habits, regions = 0 }: CostInput): Line[] => {
  const activities = activitiesPerMonth(developers, habits);
  const total = totalUsage(activities);
  const gateways = replicas(developers) * gatewayHours(developers, habits);
  const runningStops = activities.start;
  // Workspaces, builds of a year, steps, and logs of 90 days.
  const tableGb = 0.001 + developers * 0.004;
  const auditGb = (total.audits * auditKb * 12) / 1e6;
  const streams = (2 * total.transactions) / changesPerCall;
  const calls = total.api + total.tasks + streams;
  const workSeconds = habits.workDays * habits.hours * 3_600;
  const executions = activities.create + activities.start + activities.stop + activities.delete;
  const traces = tracesOf(total.api + streams, workSeconds) + tracesOf(executions, workSeconds) + 2 * sweeps;
  return [
    billLine('API Gateway', 'apiRequests', 'requests', total.api),
    ...functionLines('API, steps and streams', calls),
    ...functionLines('sweep', sweeps),
    billLine('DynamoDB', 'tableReads', 'reads', total.reads + sweeps * readsPerSweep + gateways * readsPerReplicaHour),
    billLine('DynamoDB', 'tableWrites', 'writes', total.writes + gateways * writesPerReplicaHour),
    billLine('DynamoDB', 'tableStorage', 'storage', tableGb),
    billLine('DynamoDB', 'tableRecovery', 'point-in-time recovery', tableGb),
    billLine('Step Functions', 'stateTransitions', 'state transitions', total.transitions),
    billLine('EventBridge Scheduler', 'schedulerCalls', 'stops and sweeps', runningStops + sweeps),
    billLine('Kinesis', 'kinesisShardHours', 'one shard', hoursPerMonth),
    billLine('Kinesis', 'kinesisPuts', 'audit events', total.audits),
    billLine('Firehose', 'firehoseGb', 'audit events, each billed as 5 KB', (total.audits * 5) / 1e6),
    billLine('S3', 'objectStorage', 'a year of audit', auditGb),
    billLine('S3', 'objectPuts', 'audit objects, one every 5 minutes', hoursPerMonth * 12 * (developers === 0 ? 0 : 1)),
    billLine('Cognito', 'federatedPeople', 'people, after the first 50', Math.max(0, developers - 50)),
    billLine('KMS', 'keys', 'key', 1),
    billLine('KMS', 'keyRequests', 'requests, with keys cached for five minutes', 20_000 + developers * 50),
    billLine('Secrets Manager', 'secrets', 'agent key', 1),
    billLine('Load balancer', 'balancerHours', 'hours', hoursPerMonth),
    billLine('Load balancer', 'balancerUnitHours', 'capacity units', balancerUnits(developers, habits)),
    billLine(
      'Public addresses',
      'publicAddressHours',
      'two of the load balancer, one per replica',
      2 * hoursPerMonth + gateways,
    ),
    billLine('Fargate', 'fargateCpuHours', 'gateway, 0.25 vCPU each', gateways * 0.25),
    billLine('Fargate', 'fargateGbHours', 'gateway, 0.5 GB each', gateways * 0.5),
    billLine('Route 53', 'hostedZones', 'zone', 1),
    billLine(
      'CloudWatch',
      'logGb',
      'logs: 300 bytes a call, client and server errors in full',
      ((calls + sweeps) * 300) / 1e9,
    ),
    billLine('CloudWatch', 'alarms', 'alarms, four of them for scaling', 20),
    billLine('X-Ray', 'traces', 'traces: the first of each second, 5 % of the others', traces),
    billLine('CloudFront', 'cloudFrontRequests', 'the portal and the API behind it', total.api * 1.1),
    ...(regions === 0 ? [] : furtherRegions(regions)),
  ];
};

/** The default of `gateway.regions.replicas`. These replicas do not sleep. */
const replicasPerRegion = 2;

/** The cost of further regions. The load balancers' capacity units are the same in total. */
const furtherRegions = (regions: number): Line[] => {
  const hours = regions * hoursPerMonth;
  const gateways = hours * replicasPerRegion;
  return [
    billLine('Load balancer', 'balancerHours', 'hours, in further regions', hours),
    billLine('Public addresses', 'publicAddressHours', 'the same, in further regions', 2 * hours + gateways),
    billLine('Fargate', 'fargateCpuHours', 'gateway, in further regions', gateways * 0.25),
    billLine('Fargate', 'fargateGbHours', 'gateway, in further regions', gateways * 0.5),
    billLine('DynamoDB', 'tableReads', 'reads, of further regions', gateways * readsPerFarReplicaHour),
    billLine('DynamoDB', 'tableWrites', 'writes, of further regions', gateways * writesPerReplicaHour),
    billLine('KMS', 'keys', 'key for logs, in each further region', regions),
    billLine('CloudWatch', 'alarms', 'alarms, in further regions', 7 * regions),
  ];
};

/** The share of traffic for people who are nearest to another region than the workspaces' (an assumption). */
const shareOfOtherRegions = (regions: number): number => regions / (regions + 1);

const trafficGbOf = (developers: number, { workDays, megabytes }: Habits): number =>
  (developers * workDays * megabytes) / 1_000;

/** A capacity unit is 3,000 connections or 1 GB per hour; the larger number counts. */
const balancerUnits = (developers: number, habits: Habits): number => {
  const connectionHours = developers * habits.workDays * habits.hours;
  return Math.max(connectionHours / 3_000, trafficGbOf(developers, habits));
};

const workspaces = ({ developers, habits, eks, nat, regions = 0 }: CostInput): Line[] => [
  billLine('EC2', 'machineHours', 'm7g.large, one per running workspace', developers * habits.workDays * habits.hours),
  billLine('EBS', 'volumeGb', '30 GB of home each', developers * 30),
  billLine(
    'Traffic',
    'trafficOutGb',
    'to developers, after the first 100 GB',
    Math.max(0, trafficGbOf(developers, habits) - 100),
  ),
  ...(regions === 0
    ? []
    : [
        billLine(
          'Traffic',
          'betweenRegionsGb',
          'between regions',
          trafficGbOf(developers, habits) * shareOfOtherRegions(regions),
        ),
      ]),
  ...(eks ? [billLine('EKS', 'clusterHours', 'control plane', hoursPerMonth)] : []),
  ...(nat ? [billLine('NAT', 'natHours', 'two gateways', 2 * hoursPerMonth)] : []),
];

/** Returns the monthly bill of an installation. */
export const billOf = (installation: CostInput): Bill => ({
  developers: installation.developers,
  controlPlane: controlPlane(installation),
  workspaces: workspaces(installation),
});

export const sumOf = (lines: readonly Line[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
