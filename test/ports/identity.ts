import { beforeAll, describe, expect, it } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import type { Identity } from '../../core/ports/identity.ts';
import { alteredToken, confusedToken, jwksOf, signedToken, signingKey, unsignedToken } from './tokens.ts';

type Claims = Record<string, unknown>;

interface OpenIdentity {
  identity: Identity;
  /** The claims of a valid token of a person, without times. */
  claims: Claims;
  /** The subject that these claims result in. */
  subject: string;
  /** The claims of the person's ID token, which is for the portal and not for the API. */
  idClaims: Claims;
  /** The claims of a token for another application of the provider. */
  otherAudience: Claims;
  /** The claims that identify the person. */
  subjectClaims: string[];
  /** The claims that a token for this API requires. */
  requiredClaims: string[];
}

const seconds = () => Math.floor(Date.now() / 1000);
const times = () => ({ iat: seconds(), auth_time: seconds() - 60, exp: seconds() + 300 });

/** The contract of every adapter of the identity port. `open` receives the public keys of the provider. */
export const identityContract = (
  name: string,
  open: (jwks: ReturnType<typeof jwksOf>) => OpenIdentity | Promise<OpenIdentity>,
): void => {
  describe(`identity contract: ${name}`, () => {
    const key = signingKey('first');
    const stranger = signingKey('first');
    let given: OpenIdentity;
    let good: Claims;
    beforeAll(async () => {
      given = await open(jwksOf(key, signingKey('second')));
      good = { ...given.claims, ...times() };
    });

    const refusalOf = async (token: string) => {
      const error = await given.identity.verify(token).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(BerthError);
      return (error as BerthError).name;
    };

    it('a valid token identifies the person, with the times of issue and sign-in', async () => {
      const { iat, auth_time } = times();
      const signIn = await given.identity.verify(signedToken(key, { ...good, iat, auth_time }));
      expect(signIn.subject).toBe(given.subject);
      expect(signIn.issuedAt).toEqual(new Date(iat * 1000));
      expect(signIn.signedInAt).toEqual(new Date(auth_time * 1000));
    });

    const attacks: [string, () => string][] = [
      ['no signature', () => unsignedToken(key, good, 'none')],
      ['no signature, in other case', () => unsignedToken(key, good, 'NoNe')],
      ['no signature with a valid algorithm', () => unsignedToken(key, good, 'RS256')],
      ['the public key as a shared secret', () => confusedToken(key, good)],
      ['another key with the same ID', () => signedToken(stranger, good)],
      ['a key that the provider does not have', () => signedToken(signingKey('third'), good)],
      ['no key ID', () => signedToken(key, good, { kid: undefined })],
      ['a key that it contains', () => signedToken(stranger, good, { jwk: jwksOf(stranger).keys[0] })],
      ['claims changed after signing', () => alteredToken(signedToken(key, good), { ...good, iat: 1 })],
      ['another issuer', () => signedToken(key, { ...good, iss: 'https://evil.example/pool' })],
      ['an issuer with the same prefix', () => signedToken(key, { ...good, iss: `${good['iss']}.evil.example` })],
      ['no issuer', () => signedToken(key, { ...good, iss: undefined })],
      ['a token for another application', () => signedToken(key, { ...good, ...given.otherAudience })],
      ['an ID token', () => signedToken(key, { ...given.idClaims, ...times() })],
      ['an expired token', () => signedToken(key, { ...good, exp: seconds() - 5 })],
      ['a token without an expiry', () => signedToken(key, { ...good, exp: undefined })],
      ['an expiry that is text', () => signedToken(key, { ...good, exp: 'never' })],
      ['an expiry that is too large', () => signedToken(key, { ...good, exp: 1e300 })],
      ['a token not yet valid', () => signedToken(key, { ...good, nbf: seconds() + 300 })],
      ['another algorithm of the same key', () => signedToken(key, good, { alg: 'RS512' })],
      [
        'the public key, as its JSON, as a shared secret',
        () => confusedToken(key, good, JSON.stringify(jwksOf(key).keys[0])),
      ],
      ['a key at a URL that it names', () => signedToken(stranger, good, { jku: 'http://127.0.0.1:9/keys', kid: 'x' })],
      ['a certificate that it names', () => signedToken(stranger, good, { x5u: 'http://127.0.0.1:9/certificate' })],
      ['a key ID that is a path', () => signedToken(stranger, good, { kid: '../../first' })],
      ['no time of issue', () => signedToken(key, { ...good, iat: undefined })],
      ['text', () => 'not a token'],
      ['three empty parts', () => '..'],
      ['parts that are not JSON', () => 'e30x.e30x.e30x'],
      ['a fourth part', () => `${signedToken(key, good)}.e30`],
    ];
    it('refuses a token that lacks any required claim', async () => {
      for (const name of given.requiredClaims) {
        expect(await refusalOf(signedToken(key, { ...good, [name]: undefined })), name).toBe('unauthenticated');
        expect(await refusalOf(signedToken(key, { ...good, [name]: 'other' })), name).toBe('unauthenticated');
      }
    });

    it('refuses a token that lacks any claim that identifies the person', async () => {
      for (const name of given.subjectClaims) {
        for (const wrong of [undefined, '', 1, ['ada'], 'a'.repeat(3_000)]) {
          expect(await refusalOf(signedToken(key, { ...good, [name]: wrong })), name).toBe('unauthenticated');
        }
      }
    });

    it.each(attacks)('refuses %s', async (_, token) => {
      expect(await refusalOf(token())).toBe('unauthenticated');
    });
  });
};
