import { DescribeAddressesCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { DescribeLimitsCommand } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from './check.ts';
import { isDeployed } from './deployment.ts';

export interface Quota {
  service: string;
  code: string;
  what: string;
}

/** What the account may have; a quota that was never changed has no value of its own. */
export const quotaValue = async (
  { aws }: Context,
  { service: ServiceCode, code: QuotaCode }: Quota,
): Promise<number> => {
  const asked = aws.servicequotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
  const applied = await unlessAbsent(['NoSuchResourceException'], asked);
  const value = applied?.Quota?.Value;
  if (value !== undefined) return value;
  const { Quota } = await aws.servicequotas.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode }));
  return Quota?.Value ?? 0;
};

/** How to have a quota raised to at least so much. */
export const askForMore = ({ settings: { region } }: Context, { service, code }: Quota, value: number): string =>
  `Ask for more: aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${Math.ceil(value)}`;

interface Demand extends Quota {
  /** What a first deployment takes; 0 when it takes none. */
  takes: (context: Context) => number;
  used: (context: Context) => Promise<number>;
  /** What is there already has what it takes, unless a deployment takes it anew. */
  anew?: true;
}

const demands: Demand[] = [
  {
    service: 'vpc',
    code: 'L-F678F1CE',
    what: 'VPCs per region',
    takes: ({ settings }) => (settings.network.new === undefined ? 0 : 1),
    used: async ({ aws }) => (await aws.ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length ?? 0,
  },
  {
    service: 'ec2',
    code: 'L-0263D0A3',
    what: 'elastic addresses',
    takes: ({ settings: { network } }) => (network.new?.nat === 'gateway' ? network.new.zones.length : 0),
    used: async ({ aws }) => (await aws.ec2.send(new DescribeAddressesCommand({}))).Addresses?.length ?? 0,
  },
  {
    service: 'fargate',
    code: 'L-3032A538',
    what: 'vCPUs of Fargate',
    // A quarter each, and twice as many replicas while they are replaced.
    takes: ({ settings }) => settings.gateway.replicas * 2 * 0.25,
    used: async () => 0,
    anew: true,
  },
];

const judge = async (context: Context, demand: Demand): Promise<Verdict[]> => {
  const taken = isDeployed(context.deployment) && demand.anew === undefined ? 0 : demand.takes(context);
  if (taken === 0) return [];
  const [value, used] = await Promise.all([quotaValue(context, demand), demand.used(context)]);
  const told = `Of ${value} ${demand.what}, ${used} are in use; Berth takes ${taken}.`;
  return [used + taken <= value ? ok(told) : fail(told, askForMore(context, demand, used + taken))];
};

export const quotas: Check = {
  name: 'quotas',
  when: 'before',
  asks: 'aws',
  run: async (context) => (await Promise.all(demands.map((demand) => judge(context, demand)))).flat(),
};

/** AWS refuses to reserve what would leave fewer than this to all other functions. */
const unreserved = 100;
const concurrency: Quota = { service: 'lambda', code: 'L-B99A9384', what: 'functions at once' };

/** New accounts may run ten functions at once, of which none can be reserved. */
export const functionQuota: Check = {
  name: 'quotas',
  when: 'before',
  asks: 'aws',
  run: async (context) => {
    const { AccountLimit } = await context.aws.lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {};
    // The sweep, and with pools what keeps them, reserve one each.
    const reserved = isDeployed(context.deployment) ? 0 : 1 + Math.min(1, context.settings.vmPools.length);
    const missing = unreserved + reserved - UnreservedConcurrentExecutions;
    const told = `Of ${ConcurrentExecutions} functions at once, ${UnreservedConcurrentExecutions} are not reserved; ${unreserved + reserved} are needed.`;
    return [missing <= 0 ? ok(told) : fail(told, askForMore(context, concurrency, ConcurrentExecutions + missing))];
  },
};

/** The stream of audit events is one shard. */
export const shardQuota: Check = {
  name: 'quotas',
  when: 'before',
  asks: 'aws',
  run: async ({ aws, deployment }) => {
    if (isDeployed(deployment)) return [];
    const { ShardLimit = 0, OpenShardCount = 0 } = await aws.kinesis.send(new DescribeLimitsCommand({}));
    const told = `Of ${ShardLimit} shards of Kinesis, ${OpenShardCount} are in use; Berth takes 1.`;
    return [OpenShardCount < ShardLimit ? ok(told) : fail(told, 'Ask AWS Support for more shards, or close some.')];
  },
};
