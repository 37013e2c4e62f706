import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

const again = 'Deploy the kept stack again.';

/** What makes the table safe to rely on. */
export const table: Check = {
  name: 'table',
  when: 'after',
  asks: 'aws',
  run: async ({ aws: { dynamodb }, deployment: { kept } }) => {
    const [TableName] = idsOf(kept, ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'], 'Table');
    if (TableName === undefined) return [fail('The kept stack has no table.', again)];
    const asked = dynamodb.send(new DescribeTableCommand({ TableName }));
    const found = (await unlessAbsent(['ResourceNotFoundException'], asked))?.Table;
    if (found === undefined) return [fail(`There is no table ${TableName}.`, 'Restore it: docs/deploy.md.')];
    const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
    const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    const rules: [holds: boolean, what: string][] = [
      [recovery === 'ENABLED', 'cannot be restored to a point in time'],
      [found.DeletionProtectionEnabled === true, 'is not protected from deletion'],
      [
        found.StreamSpecification?.StreamViewType === 'NEW_AND_OLD_IMAGES',
        'has no change stream: nothing would start or stop',
      ],
      [found.SSEDescription?.SSEType === 'KMS', 'is not encrypted with the customer key'],
    ];
    const wrong: Verdict[] = rules
      .filter(([holds]) => !holds)
      .map(([, what]) => fail(`The table ${TableName} ${what}.`, again));
    return wrong.length > 0
      ? wrong
      : [ok(`The table ${TableName} can be restored, is protected, encrypted, and streams.`)];
  },
};
