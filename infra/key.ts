import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * The customer key of all that Berth keeps. For a key of your own (`encryptionKey: arn:…`) its policy is yours: it must
 * let the account's IAM policies decide, and CloudWatch use it as `letServices` does.
 */
export const customerKey = (scope: Construct, { encryptionKey, name }: Settings): IKey => {
  if (encryptionKey !== 'new') return Key.fromKeyArn(scope, 'Key', encryptionKey);
  const key = new Key(scope, 'Key', {
    alias: `alias/${name.toLowerCase()}`,
    description: 'What Berth keeps: table, audit, queues, logs',
    enableKeyRotation: true,
    rotationPeriod: Duration.days(365),
    // Without the key everything kept is lost, whatever deleted the stack.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  letServices(key);
  return key;
};

/** A key for the logs of a further region: keys stay in theirs. */
export const regionalKey = (scope: Construct, { name }: Settings): IKey => {
  const key = new Key(scope, 'Key', {
    alias: `alias/${name.toLowerCase()}-gateway`,
    description: 'Logs and alarms of Berth’s gateway in this region',
    enableKeyRotation: true,
    rotationPeriod: Duration.days(365),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  letServices(key);
  return key;
};

/** Services that use the key on nobody's behalf, each held to this account's own resources. */
const letServices = (key: Key): void => {
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
