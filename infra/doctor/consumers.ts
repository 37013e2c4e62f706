import { GetEventSourceMappingCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

const judge = async (lambda: LambdaClient, UUID: string): Promise<Verdict> => {
  const asked = lambda.send(new GetEventSourceMappingCommand({ UUID }));
  const found = await unlessAbsent(['ResourceNotFoundException'], asked);
  if (found === undefined) return fail(`There is no event source mapping ${UUID}.`, 'Deploy again.');
  const { State, LastProcessingResult = '', FunctionArn = '' } = found;
  const name = FunctionArn.split(':').at(-1);
  if (State !== 'Enabled') {
    const todo = `Run: aws lambda update-event-source-mapping --uuid ${UUID} --enabled`;
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

/** Both consumers of the change stream: nothing starts without the one, nothing is recorded without the other. */
export const consumers: Check = {
  name: 'change stream',
  when: 'after',
  asks: 'aws',
  run: async ({ aws, deployment: { berth } }) => {
    const mappings = idsOf(berth, 'AWS::Lambda::EventSourceMapping');
    if (mappings.length < 2)
      return [fail(`The stack has ${mappings.length} consumers of the change stream, not 2.`, 'Deploy again.')];
    return Promise.all(mappings.map((id) => judge(aws.lambda, id)));
  },
};
