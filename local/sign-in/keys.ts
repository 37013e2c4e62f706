import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A private RSA key as a JWK. */
export interface SigningKey {
  kty: 'RSA';
  kid: string;
  alg: 'RS256';
  use: 'sig';
  n: string;
  e: string;
  d: string;
  [part: string]: string;
}

/** The key that signs tokens, kept so that a restart does not end everybody's session. */
export const signingKey = (file: string): SigningKey => {
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(newKey()), { mode: 0o600, flag: 'wx' });
  return JSON.parse(readFileSync(file, 'utf8')) as SigningKey;
};

const newKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `local-${Date.now()}`, alg: 'RS256', use: 'sig' };
};

/** What may be shown of it. */
export const publicKey = ({ kty, kid, alg, use, n, e }: SigningKey) => ({ kty, kid, alg, use, n, e });
