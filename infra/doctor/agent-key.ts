import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { fail, ok } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

/** Only whether it is there: its value is nobody's business. */
export const agentKey: Check = {
  name: 'agent key',
  when: 'after',
  asks: 'aws',
  run: async ({ aws, deployment: { kept } }) => {
    const [SecretId] = idsOf(kept, 'AWS::SecretsManager::Secret', 'AgentKey');
    if (SecretId === undefined) return [fail('The kept stack has no key of agents.', 'Deploy the kept stack again.')];
    const asked = aws.secretsmanager.send(new DescribeSecretCommand({ SecretId }));
    const found = await unlessAbsent(['ResourceNotFoundException'], asked);
    if (found === undefined)
      return [fail('The key of agents is gone: no agent is let in.', 'Deploy the kept stack again.')];
    if (found.DeletedDate !== undefined) {
      return [
        fail(
          'The key of agents is about to be deleted: no agent is let in.',
          `Run: aws secretsmanager restore-secret --secret-id ${SecretId}`,
        ),
      ];
    }
    return [ok('The key of agents is there.')];
  },
};
