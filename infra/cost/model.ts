import { type PriceName, prices } from './prices.ts';
import { actsOf, type Habits, hoursPerMonth, workOf } from './usage.ts';

export interface Line {
  service: string;
  what: string;
  /** In the price's unit. */
  quantity: number;
  usd: number;
}

export interface Bill {
  developers: number;
  /** What Berth itself costs. */
  controlPlane: Line[];
  /** What the workspaces run on and send to their people: it depends on their sizes, hours and use alone. */
  workspaces: Line[];
}

export interface Installation {
  developers: number;
  habits: Habits;
  /** A cluster of Kubernetes for workspaces. */
  eks: boolean;
  /** A NAT gateway, for workspaces without public addresses. */
  nat: boolean;
  /** Regions of the gateway beside the first. */
  regions?: number;
}

const line = (service: string, name: PriceName, what: string, quantity: number): Line => ({
  service,
  what,
  quantity,
  usd: quantity * prices[name].usd,
});

/** Milliseconds and GB of a function's usual call, measured on the bundles with some air for AWS's own part. */
const functionSeconds = 0.06;
const functionGb = 0.25;
/** Changes that one call of a stream's consumer gets on an ordinary day; many more under load. */
const changesPerCall = 2;
const auditKb = 1;

/** Replicas so that 2,500 connected workspaces share one; two as long as anything runs, none when nothing does. */
const replicas = (developers: number): number => (developers === 0 ? 0 : Math.max(2, Math.ceil(developers / 2_500)));
/** The gateway sleeps when no workspace runs: at night and on weekends most of the time. A fleet of many zones never does. */
const gatewayHours = (developers: number, { workDays, hours }: Habits): number =>
  developers === 0 ? 0 : Math.min(hoursPerMonth, workDays * (hours + 6));
/** A sweep every minute, reading what is due: three pages of an index, nearly always empty. */
const sweeps = hoursPerMonth * 60;
const readsPerSweep = 5;
/** Each replica asks once a second what was revoked, and renews its place every ten. */
const readsPerReplicaHour = 3_600;
const writesPerReplicaHour = 360 * 2;

const functionLines = (what: string, calls: number): Line[] => [
  line('Lambda', 'lambdaRequests', `calls: ${what}`, calls),
  line('Lambda', 'lambdaGbSeconds', `time: ${what}`, calls * functionSeconds * functionGb),
];

const controlPlane = ({ developers, habits, regions = 0 }: Installation): Line[] => {
  const acts = actsOf(developers, habits);
  const total = workOf(acts);
  const gateways = replicas(developers) * gatewayHours(developers, habits);
  const runningStops = acts.start;
  // Kept: workspaces, builds of a year, steps, 90 days of logs.
  const tableGb = 0.001 + developers * 0.004;
  const auditGb = (total.audits * auditKb * 12) / 1e6;
  const calls = total.api + total.tasks + (2 * total.transactions) / changesPerCall;
  return [
    line('API Gateway', 'apiRequests', 'requests', total.api),
    ...functionLines('API, steps and streams', calls),
    ...functionLines('sweep', sweeps),
    line('DynamoDB', 'tableReads', 'reads', total.reads + sweeps * readsPerSweep + gateways * readsPerReplicaHour),
    line('DynamoDB', 'tableWrites', 'writes', total.writes + gateways * writesPerReplicaHour),
    line('DynamoDB', 'tableStorage', 'storage', tableGb),
    line('DynamoDB', 'tableRecovery', 'point-in-time recovery', tableGb),
    line('Step Functions', 'stateTransitions', 'state transitions', total.transitions),
    line('EventBridge Scheduler', 'schedulerCalls', 'stops and sweeps', runningStops + sweeps),
    line('Kinesis', 'kinesisShardHours', 'one shard', hoursPerMonth),
    line('Kinesis', 'kinesisPuts', 'audit events', total.audits),
    line('Firehose', 'firehoseGb', 'audit events, each billed as 5 KB', (total.audits * 5) / 1e6),
    line('S3', 'objectStorage', 'a year of audit', auditGb),
    line('S3', 'objectPuts', 'audit objects, one each 5 minutes', hoursPerMonth * 12 * (developers === 0 ? 0 : 1)),
    line('Cognito', 'federatedPeople', 'people, after the first 50', Math.max(0, developers - 50)),
    line('KMS', 'keys', 'key', 1),
    line('KMS', 'keyRequests', 'requests, keys being cached for five minutes', 20_000 + developers * 50),
    line('Secrets Manager', 'secrets', 'agent key', 1),
    line('Load balancer', 'balancerHours', 'hours', hoursPerMonth),
    line('Load balancer', 'balancerUnitHours', 'capacity units', balancerUnits(developers, habits)),
    line(
      'Public addresses',
      'publicAddressHours',
      'two of the load balancer, one per replica',
      2 * hoursPerMonth + gateways,
    ),
    line('Fargate', 'fargateCpuHours', 'gateway, 0.25 vCPU each', gateways * 0.25),
    line('Fargate', 'fargateGbHours', 'gateway, 0.5 GB each', gateways * 0.5),
    line('Route 53', 'hostedZones', 'zone', 1),
    line('CloudWatch', 'logGb', 'logs: 300 bytes a call, refusals and faults in full', ((calls + sweeps) * 300) / 1e9),
    line('CloudWatch', 'alarms', 'alarms', 14),
    line('X-Ray', 'traces', 'traces: one in twenty', calls / 20),
    line('CloudFront', 'cloudFrontRequests', 'the portal and the API behind it', total.api * 1.1),
    ...(regions === 0 ? [] : furtherRegions(regions)),
  ];
};

/** As infra/settings.ts has it when nothing is said. They never sleep. */
const replicasPerRegion = 2;

/** What stands in each further region; the balancers' units are the same in sum. */
const furtherRegions = (regions: number): Line[] => {
  const hours = regions * hoursPerMonth;
  const gateways = hours * replicasPerRegion;
  return [
    line('Load balancer', 'balancerHours', 'hours, in further regions', hours),
    line('Public addresses', 'publicAddressHours', 'the same, in further regions', 2 * hours + gateways),
    line('Fargate', 'fargateCpuHours', 'gateway, in further regions', gateways * 0.25),
    line('Fargate', 'fargateGbHours', 'gateway, in further regions', gateways * 0.5),
    line('DynamoDB', 'tableReads', 'reads, of further regions', gateways * readsPerReplicaHour),
    line('DynamoDB', 'tableWrites', 'writes, of further regions', gateways * writesPerReplicaHour),
    line('KMS', 'keys', 'key for logs, in each further region', regions),
    line('CloudWatch', 'alarms', 'alarms, in further regions', 2 * regions),
  ];
};

/** Of the traffic, what is for people who are nearer to another region than the workspaces': an assumption. */
const abroad = (regions: number): number => regions / (regions + 1);

const trafficGbOf = (developers: number, { workDays, megabytes }: Habits): number =>
  (developers * workDays * megabytes) / 1_000;

/** A unit carries 3,000 connections or a GB in an hour, whichever is more. */
const balancerUnits = (developers: number, habits: Habits): number => {
  const connectionHours = developers * habits.workDays * habits.hours;
  return Math.max(connectionHours / 3_000, trafficGbOf(developers, habits));
};

const workspaces = ({ developers, habits, eks, nat, regions = 0 }: Installation): Line[] => [
  line('EC2', 'machineHours', 'm7g.large, one per running workspace', developers * habits.workDays * habits.hours),
  line('EBS', 'volumeGb', '30 GB of home each', developers * 30),
  line(
    'Traffic',
    'trafficOutGb',
    'to developers, after the first 100 GB',
    Math.max(0, trafficGbOf(developers, habits) - 100),
  ),
  ...(regions === 0
    ? []
    : [
        line('Traffic', 'betweenRegionsGb', 'from region to region', trafficGbOf(developers, habits) * abroad(regions)),
      ]),
  ...(eks ? [line('EKS', 'clusterHours', 'control plane', hoursPerMonth)] : []),
  ...(nat ? [line('NAT', 'natHours', 'two gateways', 2 * hoursPerMonth)] : []),
];

/** The monthly bill of an installation, line by line. */
export const billOf = (installation: Installation): Bill => ({
  developers: installation.developers,
  controlPlane: controlPlane(installation),
  workspaces: workspaces(installation),
});

export const sumOf = (lines: readonly Line[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
