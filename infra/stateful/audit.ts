import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, LogStream, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow, allowKey, type Workload } from '../functions/workload.ts';
import type { Settings } from '../settings/settings.ts';

export interface AuditProps {
  key: IKey;
  settings: Settings;
}

/**
 * The audit: a Kinesis stream, which a SIEM may read too, and Firehose, which writes it to a bucket with Object Lock.
 */
export class Audit extends Construct {
  readonly stream: Stream;
  readonly delivery: CfnDeliveryStream;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key, settings }: AuditProps) {
    super(scope, id);
    this.#key = key;
    this.stream = new Stream(this, 'Stream', {
      // A shard takes 1,000 events a second, a hundred times what 10,000 people cause. It costs 11 USD a month,
      // on-demand mode 29.
      streamMode: StreamMode.PROVISIONED,
      shardCount: 1,
      // The default of 24 h: the change stream has kept the events for up to a day before. A week would cost 15 USD a
      // month.
      retentionPeriod: Duration.hours(24),
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.delivery = this.#deliverTo(this.#bucket(settings), settings);
  }

  grantWrite(workload: Workload): void {
    allow(workload, ['kinesis:PutRecords'], [this.stream.streamArn]);
    allowKey(workload, this.#key, 'kinesis', ['kms:GenerateDataKey']);
    workload.addEnvironment('BERTH_AUDIT_STREAM', this.stream.streamName);
  }

  #replication({ account, replica }: Settings): Pick<BucketProps, 'replicationRules'> {
    if (replica === undefined) return {};
    const destination = Bucket.fromBucketAttributes(this, 'Replica', {
      bucketArn: replica.auditBucket,
      region: replica.region,
      account,
    });
    const kmsKey = Key.fromKeyArn(this, 'ReplicaKey', replica.key);
    return { replicationRules: [{ destination, priority: 1, kmsKey, sseKmsEncryptedObjects: true }] };
  }

  #bucket(settings: Settings): Bucket {
    const { audit } = settings;
    const days = Duration.days(audit.retentionDays);
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const reads = new Bucket(this, 'AccessLog', {
      ...common,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: days }],
    });
    return new Bucket(this, 'Bucket', {
      ...common,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.#key,
      bucketKeyEnabled: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention:
        audit.mode === 'compliance' ? ObjectLockRetention.compliance(days) : ObjectLockRetention.governance(days),
      serverAccessLogsBucket: reads as IBucket,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      ...this.#replication(settings),
    });
  }

  #deliverTo(bucket: Bucket, settings: Settings): CfnDeliveryStream {
    const logs = new LogGroup(this, 'DeliveryLogs', {
      logGroupName: `/aws/kinesisfirehose/${settings.name}/audit`,
      encryptionKey: this.#key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'DeliveryLog', { logGroup: logs, removalPolicy: RemovalPolicy.DESTROY });
    const role = this.#deliveryRole(bucket, logs);
    const delivery = new CfnDeliveryStream(this, 'Delivery', {
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: { kinesisStreamArn: this.stream.streamArn, roleArn: role.roleArn },
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: 'events/!{timestamp:yyyy/MM/dd}/',
        errorOutputPrefix: 'undelivered/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/',
        compressionFormat: 'GZIP',
        // Few large files instead of thousands of small ones, at most 15 minutes late.
        bufferingHints: {
          intervalInSeconds: Duration.minutes(15).toSeconds(),
          sizeInMBs: Size.mebibytes(64).toMebibytes(),
        },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logs.logGroupName,
          logStreamName: logStream.logStreamName,
        },
      },
    });
    // Firehose uses its role as soon as it is created, so the policy has to exist before.
    delivery.node.addDependency(role);
    return delivery;
  }

  #deliveryRole(bucket: Bucket, logs: LogGroup): Role {
    const role = new Role(this, 'DeliveryRole', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
    const workload = { role };
    allow(
      workload,
      ['kinesis:DescribeStream', 'kinesis:GetShardIterator', 'kinesis:GetRecords', 'kinesis:ListShards'],
      [this.stream.streamArn],
    );
    allow(workload, ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [bucket.bucketArn]);
    allow(workload, ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'], [bucket.arnForObjects('*')]);
    allow(workload, ['logs:PutLogEvents'], [logs.logGroupArn]);
    allowKey(workload, this.#key, 'kinesis', ['kms:Decrypt']);
    allowKey(workload, this.#key, 's3', ['kms:GenerateDataKey', 'kms:Decrypt']);
    return role;
  }
}
