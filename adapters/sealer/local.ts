import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SealContext, Sealer } from '../../core/ports/sealer.ts';
import { contextText } from './context.ts';

const prefix = 'local1.';
const nonceBytes = 12;
const tagBytes = 16;

const damaged = (cause?: unknown) =>
  new Error(
    'A sealed secret cannot be opened: it was changed, belongs to something else, or was sealed with another key file.',
    cause === undefined ? {} : { cause },
  );

/**
 * Seals by AES-256-GCM with a secret of this installation of at least 32 characters. Each context has a derived key of
 * its own, so that no two contexts share random nonces.
 */
export const localSealer = (secret: string): Sealer => {
  if (secret.length < 32) throw new Error('The sealing secret has fewer than 32 characters.');
  const keyOf = (context: SealContext) =>
    new Uint8Array(hkdfSync('sha256', secret, 'berth-seal', contextText(context), 32));
  return {
    seal: async (plaintext, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(context), nonce);
      const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return prefix + sealed.toString('base64url');
    },
    open: async (sealed, context) => {
      const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
      if (!sealed.startsWith(prefix) || bytes.length < nonceBytes + tagBytes) throw damaged();
      const decipher = createDecipheriv('aes-256-gcm', keyOf(context), bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      } catch (error) {
        throw damaged(error);
      }
    },
  };
};
