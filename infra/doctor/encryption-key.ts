import { DescribeKeyCommand, GetKeyPolicyCommand, type KeyMetadata } from '@aws-sdk/client-kms';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

interface Statement {
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
}

const lets = ({ Effect, Principal = {} }: Statement, kind: string, name: string): boolean =>
  Effect === 'Allow' &&
  (Principal === '*' || [(Principal as Record<string, string | string[]>)[kind] ?? []].flat().includes(name));

/** A key of the company's own has a policy of its own: whom it must let in is in infra/key.ts. */
export const judgeKeyPolicy = (policy: string, account: string, region: string): Verdict[] => {
  const statements = [(JSON.parse(policy) as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  const needed: [kind: string, names: string[], why: string][] = [
    ['AWS', [`arn:aws:iam::${account}:root`, account], 'the account (IAM policies decide who may use it)'],
    ['Service', [`logs.${region}.amazonaws.com`], 'CloudWatch Logs'],
    ['Service', ['cloudwatch.amazonaws.com'], 'CloudWatch, whose alarms could not reach their topic'],
  ];
  return needed
    .filter(([kind, names]) => !statements.some((statement) => names.some((name) => lets(statement, kind, name))))
    .map(([, [name = ''], why]) =>
      fail(`The policy of the encryption key does not let in ${why}.`, `Allow ${name} as infra/key.ts does.`),
    );
};

const judgeState = ({ KeyState, KeyUsage, KeySpec, KeyManager }: KeyMetadata): Verdict[] => {
  const another = 'Name another one in encryptionKey.';
  if (KeyState !== 'Enabled') {
    const todo = 'Enable it, or cancel its deletion: without it nothing that Berth keeps can be read.';
    return [fail(`The encryption key is ${KeyState}.`, todo)];
  }
  if (KeyUsage !== 'ENCRYPT_DECRYPT' || KeySpec !== 'SYMMETRIC_DEFAULT') {
    return [fail(`The encryption key is of ${KeySpec} for ${KeyUsage}; a symmetric one is needed.`, another)];
  }
  if (KeyManager === 'AWS')
    return [fail('The encryption key is one that AWS manages: its policy cannot be set.', another)];
  return [];
};

/** The company's key, or the one that was made with the kept stack. */
export const encryptionKey: Check = {
  name: 'encryption key',
  when: 'before',
  asks: 'aws',
  run: async ({ aws: { kms }, settings: { account, region, encryptionKey: given }, deployment }) => {
    const [KeyId] = given === 'new' ? idsOf(deployment.kept, 'AWS::KMS::Key') : [given];
    if (KeyId === undefined) return [];
    const asked = kms.send(new DescribeKeyCommand({ KeyId }));
    const found = (await unlessAbsent(['NotFoundException'], asked))?.KeyMetadata;
    if (found === undefined) return [fail(`There is no key ${KeyId}.`, 'Correct encryptionKey.')];
    const wrong = judgeState(found);
    if (wrong.length === 0 && given !== 'new') {
      const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
      wrong.push(...judgeKeyPolicy(Policy, account, region));
    }
    return wrong.length > 0 ? wrong : [ok(`The encryption key ${KeyId} is usable.`)];
  },
};
