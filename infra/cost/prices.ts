/**
 * AWS's on-demand prices in us-east-1 in US dollars, without free tiers unless noted. Other regions differ by up to 20
 * %. Check them once a year against their sources.
 */
export const pricesAsOf = '2026-11-21';

const price = (usd: number, per: string, source: string) => ({ usd, per, source });

export const prices = {
  apiRequests: price(1 / 1e6, 'request', 'https://aws.amazon.com/api-gateway/pricing/'),
  lambdaRequests: price(0.2 / 1e6, 'request', 'https://aws.amazon.com/lambda/pricing/'),
  /** arm64. */
  lambdaGbSeconds: price(0.0000133334, 'GB-second', 'https://aws.amazon.com/lambda/pricing/'),
  tableReads: price(0.125 / 1e6, 'read request unit', 'https://aws.amazon.com/dynamodb/pricing/on-demand/'),
  tableWrites: price(0.625 / 1e6, 'write request unit', 'https://aws.amazon.com/dynamodb/pricing/on-demand/'),
  tableStorage: price(0.25, 'GB-month', 'https://aws.amazon.com/dynamodb/pricing/on-demand/'),
  tableRecovery: price(0.2, 'GB-month', 'https://aws.amazon.com/dynamodb/pricing/on-demand/'),
  stateTransitions: price(0.025 / 1e3, 'state transition', 'https://aws.amazon.com/step-functions/pricing/'),
  schedulerCalls: price(1 / 1e6, 'invocation', 'https://aws.amazon.com/eventbridge/pricing/'),
  kinesisShardHours: price(0.015, 'shard-hour', 'https://aws.amazon.com/kinesis/data-streams/pricing/'),
  kinesisPuts: price(0.014 / 1e6, 'PUT unit of 25 KB', 'https://aws.amazon.com/kinesis/data-streams/pricing/'),
  /** Each record is billed as a multiple of 5 KB. */
  firehoseGb: price(0.029, 'GB', 'https://aws.amazon.com/firehose/pricing/'),
  objectStorage: price(0.023, 'GB-month', 'https://aws.amazon.com/s3/pricing/'),
  objectPuts: price(0.005 / 1e3, 'request', 'https://aws.amazon.com/s3/pricing/'),
  /** Federated by SAML or OpenID Connect, after the first 50. */
  federatedPeople: price(0.015, 'monthly active person', 'https://aws.amazon.com/cognito/pricing/'),
  keys: price(1, 'key-month', 'https://aws.amazon.com/kms/pricing/'),
  keyRequests: price(0.03 / 1e4, 'request', 'https://aws.amazon.com/kms/pricing/'),
  secrets: price(0.4, 'secret-month', 'https://aws.amazon.com/secrets-manager/pricing/'),
  balancerHours: price(0.0225, 'hour', 'https://aws.amazon.com/elasticloadbalancing/pricing/'),
  balancerUnitHours: price(0.008, 'LCU-hour', 'https://aws.amazon.com/elasticloadbalancing/pricing/'),
  publicAddressHours: price(0.005, 'address-hour', 'https://aws.amazon.com/vpc/pricing/'),
  /** arm64. */
  fargateCpuHours: price(0.03238, 'vCPU-hour', 'https://aws.amazon.com/fargate/pricing/'),
  fargateGbHours: price(0.00356, 'GB-hour', 'https://aws.amazon.com/fargate/pricing/'),
  hostedZones: price(0.5, 'zone-month', 'https://aws.amazon.com/route53/pricing/'),
  logGb: price(0.5, 'GB', 'https://aws.amazon.com/cloudwatch/pricing/'),
  alarms: price(0.1, 'alarm-month', 'https://aws.amazon.com/cloudwatch/pricing/'),
  traces: price(5 / 1e6, 'trace', 'https://aws.amazon.com/xray/pricing/'),
  /** To the internet, after the first 100 GB of a month. */
  trafficOutGb: price(0.09, 'GB', 'https://aws.amazon.com/ec2/pricing/on-demand/'),
  /** From one region to another; 0.01 to 0.15, depending on the regions. */
  betweenRegionsGb: price(0.02, 'GB', 'https://aws.amazon.com/ec2/pricing/on-demand/'),
  cloudFrontRequests: price(0.01 / 1e4, 'request', 'https://aws.amazon.com/cloudfront/pricing/'),
  // Compute of workspaces.
  clusterHours: price(0.1, 'cluster-hour', 'https://aws.amazon.com/eks/pricing/'),
  natHours: price(0.045, 'gateway-hour', 'https://aws.amazon.com/vpc/pricing/'),
  /** Graviton, 2 vCPU and 8 GB: m7g.large. */
  machineHours: price(0.0816, 'm7g.large-hour', 'https://aws.amazon.com/ec2/pricing/on-demand/'),
  volumeGb: price(0.08, 'gp3 GB-month', 'https://aws.amazon.com/ebs/pricing/'),
} as const;

export type PriceName = keyof typeof prices;
