import { expect, test } from 'vitest';
import { tableDefinition } from '../../adapters/table/definition.ts';
import { indexes } from '../../contracts/table-indexes.ts';
import { all, anything, only, templates } from './example.ts';
import { synthesize } from './synth.ts';

test('the table has the keys and indexes that the adapter uses', () => {
  const { Properties, DeletionPolicy } = only('AWS::DynamoDB::GlobalTable');
  const wanted = tableDefinition('');
  expect(Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: wanted.KeySchema,
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    Replicas: [
      {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { KMSMasterKeyId: anything },
      },
    ],
  });
  expect(Properties['GlobalSecondaryIndexes']).toEqual(wanted.GlobalSecondaryIndexes);
  expect(indexes).toHaveLength(3);
  expect(DeletionPolicy).toBe('Retain');
});

test('a restored table is used instead of the stack’s own', () => {
  const streamArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/berth-restored/stream/2026-01-01T00:00:00.000';
  const restoredAt = '2026-11-29T10:00:00Z';
  const restored = synthesize({ restoredTable: { name: 'berth-restored', streamArn, restoredAt } });
  for (const [id, mapping] of restored.ofType('AWS::Lambda::EventSourceMapping')) {
    expect(mapping.Properties['EventSourceArn'], id).toBe(streamArn);
  }
  const text = JSON.stringify(restored.templates['Berth']);
  expect(text).toContain('"BERTH_TABLE":"berth-restored"');
  expect(text).toContain(`"BERTH_RESTORED_AT":"${restoredAt}"`);
  expect(text).toContain('table/berth-restored/index/due');
  expect(text).not.toMatch(/ImportValue":"BerthKept:ExportsOutput\w*Table/);
  // The stack's own table and its exports remain, because the stateless stack imports them until it is deployed.
  expect(restored.ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(1);
  expect(restored.templates['BerthKept']?.['Outputs']).toEqual(templates['BerthKept']?.['Outputs']);
});

test('only the functions that compare homes with the table get BERTH_HOME_RETENTION', () => {
  const functionsWithRetention = (stacks: ReturnType<typeof synthesize>) =>
    stacks.ofType('AWS::Lambda::Function').flatMap(([, { Properties }]) => {
      const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
      return Variables?.['BERTH_HOME_RETENTION'] === '180d' ? [String(Properties['Description'])] : [];
    });
  expect(functionsWithRetention(synthesize({ homeRetention: '180d' })).sort()).toEqual([
    'Sizes the VM pools',
    'The sweep: repairs what a lost schedule, record or machine left undone',
  ]);
  expect(JSON.stringify(templates)).not.toContain('BERTH_HOME_RETENTION');
});

test('the key is rotated once a year and outlives its stack', () => {
  const { Properties, DeletionPolicy } = only('AWS::KMS::Key');
  expect(Properties).toMatchObject({ EnableKeyRotation: true });
  expect(DeletionPolicy).toBe('Retain');
});

test('no bucket is public, and each requires TLS', () => {
  const buckets = all('AWS::S3::Bucket');
  expect(buckets.length).toBe(5);
  for (const [id, bucket] of buckets) {
    expect(bucket['PublicAccessBlockConfiguration'], id).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }
  const secure = all('AWS::S3::BucketPolicy').filter(([, policy]) =>
    JSON.stringify(policy).includes('aws:SecureTransport'),
  );
  expect(secure).toHaveLength(buckets.length);
});
