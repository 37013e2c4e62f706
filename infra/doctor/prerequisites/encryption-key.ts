import { DescribeKeyCommand, GetKeyPolicyCommand, type KeyMetadata } from '@aws-sdk/client-kms';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

interface Statement {
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
}

const allows = ({ Effect, Principal = {} }: Statement, kind: string, name: string): boolean =>
  Effect === 'Allow' &&
  (Principal === '*' || [(Principal as Record<string, string | string[]>)[kind] ?? []].flat().includes(name));

/** Berth does not write the policy of an existing key; infra/stateful/encryption-key.ts shows what it must allow. */
export const judgeKeyPolicy = (policy: string, account: string, region: string): Verdict[] => {
  const statements = [(JSON.parse(policy) as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  const needed: [kind: string, names: string[], who: string][] = [
    ['AWS', [`arn:aws:iam::${account}:root`, account], 'the account to delegate permissions to IAM policies'],
    ['Service', [`logs.${region}.amazonaws.com`], 'CloudWatch Logs to use it'],
    ['Service', ['cloudwatch.amazonaws.com'], 'CloudWatch to use it, so alarms cannot notify their topic'],
  ];
  return needed
    .filter(([kind, names]) => !statements.some((statement) => names.some((name) => allows(statement, kind, name))))
    .map(([, [name = ''], who]) =>
      fail(
        `The encryption key’s policy does not allow ${who}.`,
        `Allow ${name} as infra/stateful/encryption-key.ts does.`,
      ),
    );
};

const judgeState = ({ KeyState, KeyUsage, KeySpec, KeyManager }: KeyMetadata): Verdict[] => {
  const another = 'Set encryptionKey to another key.';
  if (KeyState !== 'Enabled') {
    const todo = 'Enable it, or cancel its deletion: without it, Berth cannot read its data.';
    return [fail(`The encryption key is ${KeyState}.`, todo)];
  }
  if (KeyUsage !== 'ENCRYPT_DECRYPT' || KeySpec !== 'SYMMETRIC_DEFAULT') {
    return [
      fail(
        `The encryption key has the spec ${KeySpec} for ${KeyUsage}; Berth needs a symmetric encryption key.`,
        another,
      ),
    ];
  }
  if (KeyManager === 'AWS')
    return [fail('The encryption key is managed by AWS, so its policy cannot be changed.', another)];
  return [];
};

/** The existing key that the settings name, or the one of the stateful stack. */
export const encryptionKey: Check = {
  name: 'encryption key',
  when: 'before',
  queries: 'aws',
  run: async ({ aws: { kms }, settings: { account, region, encryptionKey: given }, deployment }) => {
    const [KeyId] = given === 'new' ? idsOf(deployment.stateful, 'AWS::KMS::Key') : [given];
    if (KeyId === undefined) return [];
    const request = kms.send(new DescribeKeyCommand({ KeyId }));
    const found = (await unlessAbsent(['NotFoundException'], request))?.KeyMetadata;
    if (found === undefined) return [fail(`The encryption key ${KeyId} does not exist.`, 'Correct encryptionKey.')];
    const wrong = judgeState(found);
    if (wrong.length === 0 && given !== 'new') {
      const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
      wrong.push(...judgeKeyPolicy(Policy, account, region));
    }
    return wrong.length > 0 ? wrong : [ok(`The encryption key ${KeyId} can be used.`)];
  },
};
