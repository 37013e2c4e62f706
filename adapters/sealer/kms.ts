import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Sealer } from '../../core/ports.ts';
import { contextText } from './context.ts';

const prefix = 'kms1.';

/**
 * Seals by a symmetric key of KMS, given by its ARN. The context is the encryption context, to which roles may be held,
 * and is in CloudTrail beside each use.
 */
export const kmsSealer = (client: KMSClient, keyArn: string): Sealer => ({
  seal: async (plaintext, context) => {
    contextText(context);
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: plaintext, EncryptionContext: context }),
    );
    if (CiphertextBlob === undefined) throw new Error('KMS answered no ciphertext. Try again.');
    return prefix + Buffer.from(CiphertextBlob).toString('base64url');
  },
  open: async (sealed, context) => {
    contextText(context);
    if (!sealed.startsWith(prefix)) throw new Error('The secret was not sealed by KMS.');
    const { Plaintext } = await client.send(
      new DecryptCommand({
        // Named, so that nothing that was encrypted with another key is opened.
        KeyId: keyArn,
        CiphertextBlob: Buffer.from(sealed.slice(prefix.length), 'base64url'),
        EncryptionContext: context,
      }),
    );
    if (Plaintext === undefined) throw new Error('KMS answered no plaintext. Try again.');
    return Plaintext;
  },
});
