import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/**
 * The customer managed key of Berth's data. The policy of an existing key (`encryptionKey: arn:…`) is the company's: it
 * must delegate to the account's IAM policies and allow CloudWatch, as `allowServices` does.
 */
export const customerKey = (scope: Construct, { encryptionKey, name }: Settings): IKey => {
  if (encryptionKey !== 'new') return Key.fromKeyArn(scope, 'Key', encryptionKey);
  const key = new Key(scope, 'Key', {
    alias: `alias/${name.toLowerCase()}`,
    description: 'Berth: table, audit, queues and logs',
    enableKeyRotation: true,
    rotationPeriod: Duration.days(365),
    // Free until it is replicated, and a key cannot become multi-region later. A replica can decrypt copies of the
    // data.
    multiRegion: true,
    // Without the key all of Berth's data is lost, so it outlives its stack.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  allowServices(key);
  return key;
};

/** A key for the logs and alarms of a further region, because a key can be used only in its region. */
export const regionalKey = (scope: Construct, { name }: Settings): IKey => {
  const key = new Key(scope, 'Key', {
    alias: `alias/${name.toLowerCase()}-gateway`,
    description: 'Berth: logs and alarms of the gateway in this region',
    enableKeyRotation: true,
    rotationPeriod: Duration.days(365),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  allowServices(key);
  return key;
};

/** Allows services to use the key on their own behalf, each only for resources of this account. */
const allowServices = (key: Key): void => {
  const { region, account, partition } = Stack.of(key);
  const use = [
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:DescribeKey',
  ];
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'LogGroups',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: use,
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
};
