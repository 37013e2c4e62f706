import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Sealer } from '../../core/ports/sealer.ts';
import { contextText } from './context.ts';

const prefix = 'kms1.';

/**
 * Seals with a symmetric KMS key, given by its ARN. The context is the encryption context, so IAM policies can restrict
 * roles to it and CloudTrail records it with each use.
 */
export const kmsSealer = (client: KMSClient, keyArn: string): Sealer => ({
  seal: async (plaintext, context) => {
    contextText(context);
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: plaintext, EncryptionContext: context }),
    );
    if (CiphertextBlob === undefined) throw new Error('KMS returned no ciphertext. Try again.');
    return prefix + Buffer.from(CiphertextBlob).toString('base64url');
  },
  open: async (sealed, context) => {
    contextText(context);
    if (!sealed.startsWith(prefix)) throw new Error('The secret was not sealed by KMS.');
    const { Plaintext } = await client.send(
      new DecryptCommand({
        // The key is named so that ciphertext of another key is rejected.
        KeyId: keyArn,
        CiphertextBlob: Buffer.from(sealed.slice(prefix.length), 'base64url'),
        EncryptionContext: context,
      }),
    );
    if (Plaintext === undefined) throw new Error('KMS returned no plaintext. Try again.');
    return Plaintext;
  },
});
