import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export const signingKey = (kid: string): SigningKey => ({
  kid,
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

export const jwksOf = (...keys: SigningKey[]) => ({
  keys: keys.map(({ kid, publicKey }) => {
    const { kty, n, e } = publicKey.export({ format: 'jwk' }) as { kty: string; n: string; e: string };
    return { kty, n, e, kid, alg: 'RS256', use: 'sig' };
  }),
});

type Claims = Record<string, unknown>;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const token = (header: object, claims: Claims, signatureOf: (signed: string) => Buffer): string => {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${signatureOf(signed).toString('base64url')}`;
};

/** A token as a provider signs it. `header` adds or replaces fields of its header. */
export const signedToken = ({ kid, privateKey }: SigningKey, claims: Claims, header: object = {}): string =>
  token({ alg: 'RS256', typ: 'JWT', kid, ...header }, claims, (text) => sign('sha256', Buffer.from(text), privateKey));

/** A token without a signature. */
export const unsignedToken = ({ kid }: SigningKey, claims: Claims, alg: string): string =>
  token({ alg, typ: 'JWT', kid }, claims, () => Buffer.alloc(0));

/** A token signed with the public key as if it were a shared secret, in PEM or as `text`. */
export const confusedToken = ({ kid, publicKey }: SigningKey, claims: Claims, text?: string): string => {
  const secret = text ?? publicKey.export({ format: 'pem', type: 'spki' });
  return token({ alg: 'HS256', typ: 'JWT', kid }, claims, (signed) =>
    createHmac('sha256', secret).update(signed).digest(),
  );
};

/** The same signature with other claims. */
export const alteredToken = (good: string, claims: Claims): string => {
  const [header, , signature] = good.split('.');
  return `${header}.${part(claims)}.${signature}`;
};
