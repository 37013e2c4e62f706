import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { fail, ok } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

/** Checks that the agent key exists, without reading its value. */
export const agentKey: Check = {
  name: 'agent key',
  when: 'after',
  queries: 'aws',
  run: async ({ aws, deployment: { stateful } }) => {
    const [SecretId] = idsOf(stateful, 'AWS::SecretsManager::Secret', 'AgentKey');
    if (SecretId === undefined)
      return [fail('The stateful stack has no agent key.', 'Deploy the stateful stack again.')];
    const request = aws.secretsmanager.send(new DescribeSecretCommand({ SecretId }));
    const found = await unlessAbsent(['ResourceNotFoundException'], request);
    if (found === undefined)
      return [fail('The agent key does not exist: no agent can authenticate.', 'Deploy the stateful stack again.')];
    if (found.DeletedDate !== undefined) {
      return [
        fail(
          'The agent key is scheduled for deletion: no agent can authenticate.',
          `Run: aws secretsmanager restore-secret --secret-id ${SecretId}`,
        ),
      ];
    }
    return [ok('The agent key exists.')];
  },
};
