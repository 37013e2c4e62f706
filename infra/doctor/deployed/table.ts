import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

const deployAgain = 'Deploy the stateful stack again.';

/** Checks the properties that protect the table's data. */
export const table: Check = {
  name: 'table',
  when: 'after',
  queries: 'aws',
  run: async ({ aws: { dynamodb }, deployment: { stateful } }) => {
    const [TableName] = idsOf(stateful, ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'], 'Table');
    if (TableName === undefined) return [fail('The stateful stack has no table.', deployAgain)];
    const request = dynamodb.send(new DescribeTableCommand({ TableName }));
    const found = (await unlessAbsent(['ResourceNotFoundException'], request))?.Table;
    if (found === undefined)
      return [fail(`The table ${TableName} does not exist.`, 'Restore it as docs/deploy.md describes.')];
    const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
    const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    const rules: [holds: boolean, what: string][] = [
      [recovery === 'ENABLED', 'cannot be restored to a point in time'],
      [found.DeletionProtectionEnabled === true, 'is not protected from deletion'],
      [
        found.StreamSpecification?.StreamViewType === 'NEW_AND_OLD_IMAGES',
        'has no change stream: workspaces neither start nor stop',
      ],
      [found.SSEDescription?.SSEType === 'KMS', 'is not encrypted with the customer key'],
    ];
    const wrong: Verdict[] = rules
      .filter(([holds]) => !holds)
      .map(([, what]) => fail(`The table ${TableName} ${what}.`, deployAgain));
    return wrong.length > 0
      ? wrong
      : [ok(`The table ${TableName} has point-in-time recovery, deletion protection, encryption and a change stream.`)];
  },
};
