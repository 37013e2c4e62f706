import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { writeAtomically } from '../data/atomic-write.ts';
import { StartError } from '../settings/settings.ts';

/** A private RSA key as a JWK. */
const SigningKey = z
  .object({
    kty: z.literal('RSA'),
    kid: z.string().min(1),
    alg: z.literal('RS256'),
    use: z.literal('sig'),
    n: z.string(),
    e: z.string(),
    d: z.string(),
  })
  .catchall(z.string());
export type SigningKey = z.infer<typeof SigningKey>;

/** The key that signs tokens. It is stored, so that a restart does not invalidate every session. */
export const signingKey = (file: string): SigningKey => {
  if (!existsSync(file)) writeAtomically(file, JSON.stringify(newKey()));
  try {
    const key = SigningKey.parse(JSON.parse(readFileSync(file, 'utf8')));
    createPrivateKey({ key, format: 'jwk' });
    return key;
  } catch (error) {
    throw new StartError(
      `Berth cannot use the signing key in ${file}, which ${reasonOf(error)}. Restore it, or remove it: all users then have to sign in again.`,
      { cause: error },
    );
  }
};

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'syscall' in error ? `cannot be read (${error.message})` : 'is damaged';

const newKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `local-${Date.now()}`, alg: 'RS256', use: 'sig' };
};

/** The public part of the key. */
export const publicKey = ({ kty, kid, alg, use, n, e }: SigningKey) => ({ kty, kid, alg, use, n, e });
