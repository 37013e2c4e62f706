import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EKSClient } from '@aws-sdk/client-eks';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { MissingPermission } from './missing-permission.ts';

export interface RegionalClientOptions {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  requestTimeoutMs?: number;
}

/** The SDK has no timeout by default. Two attempts of 2.5 s are shorter than a check's timeout of 6 s. */
const settingsOf = ({ requestTimeoutMs = 2_500, ...options }: RegionalClientOptions) => ({
  maxAttempts: 2,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 2_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  }),
  ...options,
});

const make = (settings: ReturnType<typeof settingsOf>) => ({
  acm: new ACMClient(settings),
  cloudformation: new CloudFormationClient(settings),
  dynamodb: new DynamoDBClient(settings),
  ec2: new EC2Client(settings),
  eks: new EKSClient(settings),
  kinesis: new KinesisClient(settings),
  kms: new KMSClient(settings),
  lambda: new LambdaClient(settings),
  route53: new Route53Client(settings),
  s3: new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined }),
  secretsmanager: new SecretsManagerClient(settings),
  servicequotas: new ServiceQuotasClient(settings),
  sqs: new SQSClient(settings),
  ssm: new SSMClient(settings),
  sts: new STSClient(settings),
});

/** The clients of one region, by the prefix of the service's IAM actions. */
export type Clients = ReturnType<typeof make>;

/** The clients throw `MissingPermission` where AWS refuses an operation for lack of a permission. */
export const clientsIn = (options: RegionalClientOptions): Clients => {
  const clients = make(settingsOf(options));
  for (const [prefix, { middlewareStack }] of Object.entries(clients) as [string, EC2Client][]) {
    middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          try {
            return await next(args);
          } catch (error) {
            throw MissingPermission.in(error, `${prefix}:${commandName.replace(/Command$/, '')}`) ?? error;
          }
        },
      { step: 'initialize', name: 'berth-missing-permission' },
    );
  }
  return clients;
};
