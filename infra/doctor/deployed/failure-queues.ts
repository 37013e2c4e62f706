import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

const judge = async (sqs: SQSClient, QueueUrl: string): Promise<Verdict> => {
  const name = QueueUrl.split('/').at(-1) ?? QueueUrl;
  const request = sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  const found = await unlessAbsent(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'], request);
  if (found === undefined)
    return fail(`The queue ${name} does not exist: changes that cannot be handled are lost.`, 'Deploy again.');
  const waiting = Number(found.Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  if (waiting === 0) return ok(`The queue ${name} is empty.`);
  const anchor = name.includes('Schedules') ? 'schedules-given-up' : 'changes-given-up';
  return fail(
    `${name} has ${waiting} failed ${waiting === 1 ? 'message' : 'messages'}.`,
    `See docs/runbook.md#${anchor}.`,
  );
};

/** The dead-letter queues, which must be empty. */
export const failureQueues: Check = {
  name: 'failures',
  when: 'after',
  queries: 'aws',
  run: async ({ aws, deployment: { stateless } }) => {
    const queues = idsOf(stateless, 'AWS::SQS::Queue');
    if (queues.length === 0) return [fail('The stack has no dead-letter queue.', 'Deploy again.')];
    return Promise.all(queues.map((url) => judge(aws.sqs, url)));
  },
};
