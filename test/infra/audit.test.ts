import { expect, test } from 'vitest';
import { all, anything, only } from './example.ts';

test('audit files cannot be changed', () => {
  const locked = all('AWS::S3::Bucket').filter(([, { ObjectLockEnabled }]) => ObjectLockEnabled === true);
  expect(locked).toEqual([
    [
      expect.stringContaining('Audit'),
      expect.objectContaining({
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Days: 365, Mode: 'GOVERNANCE' } },
        },
        VersioningConfiguration: { Status: 'Enabled' },
        LoggingConfiguration: anything,
      }),
    ],
  ]);
  expect(only('AWS::Kinesis::Stream').Properties).toMatchObject({
    ShardCount: 1,
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    StreamEncryption: { EncryptionType: 'KMS', KeyId: anything },
  });
});

test('an alarm reports a reader of the audit that falls behind', () => {
  const alarm = all('AWS::CloudWatch::Alarm').find(([, { AlarmDescription }]) =>
    String(AlarmDescription).endsWith('#audit-readers-lag'),
  );
  expect(alarm?.[1]).toMatchObject({
    MetricName: 'GetRecords.IteratorAgeMilliseconds',
    Namespace: 'AWS/Kinesis',
    Threshold: 3_600_000,
  });
});
