import { describe, expect, test } from 'vitest';
import { settingsWith, synthesize } from './synth.ts';

const replica = {
  region: 'eu-west-1',
  key: 'arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef',
  auditBucket: 'arn:aws:s3:::company-berth-audit-copy',
};
const usual = synthesize();
const copied = synthesize({ replica });

type Given = typeof usual;
const only = ({ ofType }: Given, type: string, path = '') => {
  const found = ofType(type).filter(([id]) => id.includes(path));
  expect(found, type).toHaveLength(1);
  return found[0]?.[1].Properties ?? {};
};

describe('a second region', () => {
  test('is prepared in every installation: a multi-Region key, and a latency record for the API', () => {
    expect(only(usual, 'AWS::KMS::Key')).toMatchObject({ MultiRegion: true });
    const api = usual
      .ofType('AWS::Route53::RecordSet')
      .map(([, { Properties }]) => Properties)
      .find(({ Name }) => Name === 'api.berth.example.com.');
    expect(api).toMatchObject({
      Region: 'eu-central-1',
      SetIdentifier: 'eu-central-1',
      AliasTarget: { EvaluateTargetHealth: true },
    });
  });

  test('has a copy of table, agent key and audit if the settings name it', () => {
    expect(only(copied, 'AWS::DynamoDB::GlobalTable')['Replicas']).toContainEqual(
      expect.objectContaining({
        Region: 'eu-west-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: expect.objectContaining({ PointInTimeRecoveryEnabled: true }),
        SSESpecification: { KMSMasterKeyId: replica.key },
      }),
    );
    expect(only(copied, 'AWS::SecretsManager::Secret')['ReplicaRegions']).toEqual([
      { Region: 'eu-west-1', KmsKeyId: replica.key },
    ]);
    expect(only(copied, 'AWS::S3::Bucket', 'AuditBucket')['ReplicationConfiguration']).toMatchObject({
      Rules: [
        {
          Status: 'Enabled',
          Destination: {
            Bucket: replica.auditBucket,
            EncryptionConfiguration: { ReplicaKmsKeyID: replica.key },
          },
        },
      ],
    });
  });

  test('adds no resources unless it is named, and keeps the logical ids of stateful resources', () => {
    const table = only(usual, 'AWS::DynamoDB::GlobalTable');
    expect(table['Replicas']).toHaveLength(1);
    expect(only(usual, 'AWS::SecretsManager::Secret')).not.toHaveProperty('ReplicaRegions');
    expect(only(usual, 'AWS::S3::Bucket', 'AuditBucket')).not.toHaveProperty('ReplicationConfiguration');
    const ids = Object.keys(usual.templates['BerthKept']?.Resources ?? {});
    expect(Object.keys(copied.templates['BerthKept']?.Resources ?? {})).toEqual(expect.arrayContaining(ids));
  });

  test.each([
    [
      { ...replica, key: 'arn:aws:kms:eu-central-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef' },
      'is not in',
    ],
    [{ ...replica, region: 'eu-central-1' }, 'own region'],
    [{ ...replica, auditBucket: 'audit' }, 'ARN of a bucket'],
  ])('is refused: %j', (wrong, problem) => {
    expect(() => settingsWith({ replica: wrong })).toThrow(problem);
  });
});
