import { allow, type Workload } from '../functions/workload.ts';
import type { StatefulStack } from './stateful-stack.ts';

/**
 * People's git keys are sealed and opened by calling KMS directly. Each role is limited to the encryption context that
 * core/people/git-key.ts uses.
 */
const gitKeysOnly = {
  StringEquals: { 'kms:EncryptionContext:purpose': 'git-key' },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'person'] },
  Null: { 'kms:EncryptionContext:person': 'false' },
};

const grant = (
  workload: Workload,
  { key }: Pick<StatefulStack, 'key'>,
  action: 'kms:Encrypt' | 'kms:Decrypt',
): void => {
  allow(workload, [action], [key.keyArn], gitKeysOnly);
  workload.addEnvironment('BERTH_SEALING_KEY', key.keyArn);
};

/** For workloads that create git keys; they cannot open them. */
export const grantSeal = (workload: Workload, stateful: Pick<StatefulStack, 'key'>): void =>
  grant(workload, stateful, 'kms:Encrypt');

/** For workloads that give git keys to agents. */
export const grantOpen = (workload: Workload, stateful: Pick<StatefulStack, 'key'>): void =>
  grant(workload, stateful, 'kms:Decrypt');
