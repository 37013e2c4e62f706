import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, LogStream, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { allow, allowKey, type Worker } from './worker.ts';

export interface AuditProps {
  key: IKey;
  settings: Settings;
}

/** Who did what: a stream that a SIEM may read too, and from it files that nobody can change. */
export class Audit extends Construct {
  readonly stream: Stream;
  readonly delivery: CfnDeliveryStream;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key, settings }: AuditProps) {
    super(scope, id);
    this.#key = key;
    this.stream = new Stream(this, 'Stream', {
      // One shard takes 1,000 events a second, a hundred times what 10,000 people do; on demand costs 29 USD a month, a shard 11.
      streamMode: StreamMode.PROVISIONED,
      shardCount: 1,
      // The change stream behind it keeps events for a day of its own; more days cost 15 USD a month.
      retentionPeriod: Duration.hours(24),
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.delivery = this.#deliverTo(this.#bucket(settings), settings);
  }

  grantWrite(worker: Worker): void {
    allow(worker, ['kinesis:PutRecords'], [this.stream.streamArn]);
    allowKey(worker, this.#key, 'kinesis', ['kms:GenerateDataKey']);
    worker.tell('BERTH_AUDIT_STREAM', this.stream.streamName);
  }

  #bucket({ audit }: Settings): Bucket {
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
    });
  }

  #deliverTo(bucket: Bucket, settings: Settings): CfnDeliveryStream {
    const logs = new LogGroup(this, 'DeliveryLogs', {
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
        // Files of an hour's work rather than thousands of small ones, none later than a quarter of an hour.
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
    // Firehose tries its role at once; the policy has to be there before.
    delivery.node.addDependency(role);
    return delivery;
  }

  #deliveryRole(bucket: Bucket, logs: LogGroup): Role {
    const role = new Role(this, 'DeliveryRole', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
    const worker = { role };
    allow(
      worker,
      ['kinesis:DescribeStream', 'kinesis:GetShardIterator', 'kinesis:GetRecords', 'kinesis:ListShards'],
      [this.stream.streamArn],
    );
    allow(worker, ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [bucket.bucketArn]);
    allow(worker, ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'], [bucket.arnForObjects('*')]);
    allow(worker, ['logs:PutLogEvents'], [logs.logGroupArn]);
    allowKey(worker, this.#key, 'kinesis', ['kms:Decrypt']);
    allowKey(worker, this.#key, 's3', ['kms:GenerateDataKey', 'kms:Decrypt']);
    return role;
  }
}
