import { GetEventSourceMappingCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

const judge = async (lambda: LambdaClient, UUID: string): Promise<Verdict> => {
  const request = lambda.send(new GetEventSourceMappingCommand({ UUID }));
  const found = await unlessAbsent(['ResourceNotFoundException'], request);
  if (found === undefined) return fail(`The event source mapping ${UUID} does not exist.`, 'Deploy again.');
  const { State, LastProcessingResult = '', FunctionArn = '' } = found;
  const name = FunctionArn.split(':').at(-1);
  if (State !== 'Enabled') {
    const todo = `Run aws lambda update-event-source-mapping --uuid ${UUID} --enabled.`;
    return fail(`The change stream does not reach ${name}: its mapping is ${State}.`, todo);
  }
  if (LastProcessingResult.startsWith('PROBLEM')) {
    return fail(
      `The change stream does not reach ${name}: ${LastProcessingResult}`,
      'See docs/runbook.md#changes-wait.',
    );
  }
  return ok(`The change stream reaches ${name}.`);
};

/** The two consumers of the change stream: one starts workflows, the other delivers audit events. */
export const consumers: Check = {
  name: 'change stream',
  when: 'after',
  queries: 'aws',
  run: async ({ aws, deployment: { stateless } }) => {
    const mappings = idsOf(stateless, 'AWS::Lambda::EventSourceMapping');
    if (mappings.length < 2)
      return [fail(`The change stream has ${mappings.length} consumers instead of 2.`, 'Deploy again.')];
    return Promise.all(mappings.map((id) => judge(aws.lambda, id)));
  },
};
