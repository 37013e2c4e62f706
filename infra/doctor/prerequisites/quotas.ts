import { DescribeAddressesCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { DescribeLimitsCommand } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { reservedBy } from '../../functions/concurrency.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';
import { isDeployed } from '../context/deployment.ts';

export interface Quota {
  service: string;
  code: string;
  what: string;
}

/** Returns the account's quota. One that was never changed has no applied value, only AWS's default. */
export const quotaValue = async (
  { aws }: Context,
  { service: ServiceCode, code: QuotaCode }: Quota,
): Promise<number> => {
  const request = aws.servicequotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
  const applied = await unlessAbsent(['NoSuchResourceException'], request);
  const value = applied?.Quota?.Value;
  if (value !== undefined) return value;
  const { Quota } = await aws.servicequotas.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode }));
  return Quota?.Value ?? 0;
};

/** The command that requests an increase of a quota to at least this value. */
export const increaseCommand = ({ settings: { region } }: Context, { service, code }: Quota, value: number): string =>
  `Run aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${Math.ceil(value)}.`;

interface Demand extends Quota {
  /** What a first deployment needs. */
  takes: (context: Context) => number;
  used: (context: Context) => Promise<number>;
  /** Set if every deployment needs it again, not only the first. */
  onEveryDeployment?: true;
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
    what: 'Elastic IP addresses',
    takes: ({ settings: { network } }) => (network.new?.nat === 'gateway' ? network.new.zones.length : 0),
    used: async ({ aws }) => (await aws.ec2.send(new DescribeAddressesCommand({}))).Addresses?.length ?? 0,
  },
  {
    service: 'fargate',
    code: 'L-3032A538',
    what: 'Fargate vCPUs',
    // A replica has 0.25 vCPU, and a deployment starts the new replicas before it stops the old ones.
    takes: ({ settings }) => settings.gateway.replicas * 2 * 0.25,
    used: async () => 0,
    onEveryDeployment: true,
  },
];

const judge = async (context: Context, demand: Demand): Promise<Verdict[]> => {
  const taken = isDeployed(context.deployment) && demand.onEveryDeployment === undefined ? 0 : demand.takes(context);
  if (taken === 0) return [];
  const [value, used] = await Promise.all([quotaValue(context, demand), demand.used(context)]);
  const summary = `Of ${value} ${demand.what}, ${used} are in use; Berth needs ${taken}.`;
  return [used + taken <= value ? ok(summary) : fail(summary, increaseCommand(context, demand, used + taken))];
};

export const quotas: Check = {
  name: 'quotas',
  when: 'before',
  queries: 'aws',
  run: async (context) => (await Promise.all(demands.map((demand) => judge(context, demand)))).flat(),
};

/** AWS refuses a reservation that would leave less than this to all other functions. */
const unreserved = 100;
const concurrency: Quota = { service: 'lambda', code: 'L-B99A9384', what: 'concurrent executions of functions' };

/** A new account has ten concurrent executions, of which none can be reserved. */
export const functionQuota: Check = {
  name: 'quotas',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const { AccountLimit } = await context.aws.lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {};
    const hasPools = context.settings.vmPools.length > 0;
    const reserved = isDeployed(context.deployment) ? 0 : reservedBy({ hasPools });
    const missing = unreserved + reserved - UnreservedConcurrentExecutions;
    const summary = `Of ${ConcurrentExecutions} concurrent executions of functions, ${UnreservedConcurrentExecutions} are not reserved; ${unreserved + reserved} are needed.`;
    return [
      missing <= 0 ? ok(summary) : fail(summary, increaseCommand(context, concurrency, ConcurrentExecutions + missing)),
    ];
  },
};

/** The audit stream has one shard. */
export const shardQuota: Check = {
  name: 'quotas',
  when: 'before',
  queries: 'aws',
  run: async ({ aws, deployment }) => {
    if (isDeployed(deployment)) return [];
    const { ShardLimit = 0, OpenShardCount = 0 } = await aws.kinesis.send(new DescribeLimitsCommand({}));
    const summary = `Of ${ShardLimit} Kinesis shards, ${OpenShardCount} are in use; Berth needs 1.`;
    return [
      OpenShardCount < ShardLimit
        ? ok(summary)
        : fail(summary, 'Ask AWS Support for more shards, or delete unused ones.'),
    ];
  },
};
