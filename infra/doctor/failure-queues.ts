import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

const judge = async (sqs: SQSClient, QueueUrl: string): Promise<Verdict> => {
  const name = QueueUrl.split('/').at(-1) ?? QueueUrl;
  const asked = sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }));
  const found = await unlessAbsent(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'], asked);
  if (found === undefined) return fail(`There is no queue ${name}: what fails for good is lost.`, 'Deploy again.');
  const waiting = Number(found.Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  if (waiting === 0) return ok(`The queue ${name} is empty.`);
  const anchor = name.includes('Schedules') ? 'schedules-given-up' : 'changes-given-up';
  return fail(
    `${waiting} failed for good and wait in ${name}.`,
    `See docs/runbook.md#${anchor}; npm run redrive drives changes again.`,
  );
};

/** What failed for good waits there for somebody to look. */
export const failureQueues: Check = {
  name: 'failures',
  when: 'after',
  asks: 'aws',
  run: async ({ aws, deployment: { berth } }) => {
    const queues = idsOf(berth, 'AWS::SQS::Queue');
    if (queues.length === 0) return [fail('The stack has no queue for what fails for good.', 'Deploy again.')];
    return Promise.all(queues.map((url) => judge(aws.sqs, url)));
  },
};
