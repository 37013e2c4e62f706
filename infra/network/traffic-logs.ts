import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/**
 * A bucket for access logs, kept as long as the other logs. Load balancers cannot deliver to a bucket with a customer
 * key.
 */
export const trafficLogBucket = (scope: Construct, { logRetentionDays }: Settings): Bucket =>
  new Bucket(scope, 'TrafficLogs', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [
      { expiration: Duration.days(logRetentionDays), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });

/**
 * CloudFront's log fields without query, cookies and referrer: a query can contain the authorization code of a sign-in.
 */
const recordFields = [
  'timestamp(ms)',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(User-Agent)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
];

/** Delivers a distribution's access log to a bucket through CloudWatch. The legacy log cannot omit the query. */
export const logDistribution = (scope: Construct, name: string, distributionArn: string, bucket: Bucket): void => {
  const { account, region, partition } = Stack.of(scope);
  const source = new CfnDeliverySource(scope, 'AccessLogSource', {
    name: `${name}-portal`,
    logType: 'ACCESS_LOGS',
    resourceArn: distributionArn,
  });
  const destination = new CfnDeliveryDestination(scope, 'AccessLogDestination', {
    name: `${name}-portal`,
    destinationResourceArn: bucket.bucketArn,
    outputFormat: 'json',
  });
  const delivery = new CfnDelivery(scope, 'AccessLog', {
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.attrArn,
    recordFields,
  });
  delivery.node.addDependency(source);
  const sources = `arn:${partition}:logs:${region}:${account}:delivery-source:*`;
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AccessLog',
      principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${account}/*`)],
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': sources } },
    }),
  );
};
