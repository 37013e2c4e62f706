import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

const deployAgain = 'Deploy the stateful stack again.';

const judgeBucket = async ({ aws, settings, deployment: { stateful } }: Context): Promise<Verdict> => {
  const [Bucket] = idsOf(stateful, 'AWS::S3::Bucket', 'AuditBucket');
  if (Bucket === undefined) return fail('The stateful stack has no audit bucket.', deployAgain);
  const request = aws.s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
  const found = await unlessAbsent(['ObjectLockConfigurationNotFoundError', 'NoSuchBucket'], request);
  const { ObjectLockEnabled, Rule } = found?.ObjectLockConfiguration ?? {};
  if (ObjectLockEnabled !== 'Enabled')
    return fail(`The audit bucket ${Bucket} has no Object Lock: audit events can be changed.`, deployAgain);
  const { Mode, Days } = Rule?.DefaultRetention ?? {};
  const { mode, retentionDays } = settings.audit;
  const summary = `The audit bucket ${Bucket} locks objects for ${Days ?? 0} days (${Mode ?? 'no retention'})`;
  return Mode === mode.toUpperCase() && Days === retentionDays
    ? ok(`${summary}.`)
    : warn(`${summary}; the settings say ${retentionDays} (${mode}).`, deployAgain);
};

const judgeStream = async ({ aws, deployment: { stateful } }: Context): Promise<Verdict> => {
  const [StreamName] = idsOf(stateful, 'AWS::Kinesis::Stream', 'AuditStream');
  if (StreamName === undefined) return fail('The stateful stack has no audit stream.', deployAgain);
  const request = aws.kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  const found = await unlessAbsent(['ResourceNotFoundException'], request);
  const status = found?.StreamDescriptionSummary?.StreamStatus ?? 'missing';
  return ['ACTIVE', 'UPDATING'].includes(status)
    ? ok(`The audit stream ${StreamName} is ${status}.`)
    : fail(`The audit stream ${StreamName} is ${status}: audit events are lost after 24 h.`, deployAgain);
};

export const audit: Check = {
  name: 'audit',
  when: 'after',
  queries: 'aws',
  run: (context) => Promise.all([judgeBucket(context), judgeStream(context)]),
};
