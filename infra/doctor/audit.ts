import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

const again = 'Deploy the kept stack again.';

const judgeBucket = async ({ aws, settings, deployment: { kept } }: Context): Promise<Verdict> => {
  const [Bucket] = idsOf(kept, 'AWS::S3::Bucket', 'AuditBucket');
  if (Bucket === undefined) return fail('The kept stack has no bucket of audit events.', again);
  const asked = aws.s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
  const found = await unlessAbsent(['ObjectLockConfigurationNotFoundError', 'NoSuchBucket'], asked);
  const { ObjectLockEnabled, Rule } = found?.ObjectLockConfiguration ?? {};
  if (ObjectLockEnabled !== 'Enabled')
    return fail(`What is in the audit bucket ${Bucket} can be changed: it has no Object Lock.`, again);
  const { Mode, Days } = Rule?.DefaultRetention ?? {};
  const { mode, retentionDays } = settings.audit;
  const told = `The audit bucket ${Bucket} locks for ${Days ?? 0} days (${Mode ?? 'no retention'})`;
  return Mode === mode.toUpperCase() && Days === retentionDays
    ? ok(`${told}.`)
    : warn(`${told}, the settings say ${retentionDays} (${mode}).`, again);
};

const judgeStream = async ({ aws, deployment: { kept } }: Context): Promise<Verdict> => {
  const [StreamName] = idsOf(kept, 'AWS::Kinesis::Stream', 'AuditStream');
  if (StreamName === undefined) return fail('The kept stack has no stream of audit events.', again);
  const asked = aws.kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  const found = await unlessAbsent(['ResourceNotFoundException'], asked);
  const status = found?.StreamDescriptionSummary?.StreamStatus ?? 'gone';
  return ['ACTIVE', 'UPDATING'].includes(status)
    ? ok(`The audit stream ${StreamName} is ${status}.`)
    : fail(`The audit stream ${StreamName} is ${status}: audit events are lost after 24 h.`, again);
};

export const audit: Check = {
  name: 'audit',
  when: 'after',
  asks: 'aws',
  run: (context) => Promise.all([judgeBucket(context), judgeStream(context)]),
};
