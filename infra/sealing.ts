import type { KeptStack } from './kept-stack.ts';
import { allow, type Worker } from './worker.ts';

/**
 * People's git keys are sealed and opened with the key itself, by no service in between: each role is held to their
 * context, of which core/people/git-key.ts makes both pairs.
 */
const gitKeysOnly = {
  StringEquals: { 'kms:EncryptionContext:purpose': 'git-key' },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'person'] },
  Null: { 'kms:EncryptionContext:person': 'false' },
};

const grant = (worker: Worker, { key }: Pick<KeptStack, 'key'>, action: 'kms:Encrypt' | 'kms:Decrypt'): void => {
  allow(worker, [action], [key.keyArn], gitKeysOnly);
  worker.tell('BERTH_SEALING_KEY', key.keyArn);
};

/** For what makes git keys; it cannot open them. */
export const grantSeal = (worker: Worker, kept: Pick<KeptStack, 'key'>): void => grant(worker, kept, 'kms:Encrypt');

/** For what hands them to agents. */
export const grantOpen = (worker: Worker, kept: Pick<KeptStack, 'key'>): void => grant(worker, kept, 'kms:Decrypt');
