import { beforeAll, describe, expect, it } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import type { Identity } from '../../core/ports/identity.ts';
import { alteredToken, confusedToken, jwksOf, signedToken, signingKey, unsignedToken } from './tokens.ts';

type Claims = Record<string, unknown>;

export interface OpenIdentity {
  identity: Identity;
  /** What the provider says of a person for Berth, without times. */
  claims: Claims;
  /** The subject that becomes of them. */
  subject: string;
  /** The same person's ID token, which is for the portal and not for the API. */
  idClaims: Claims;
  /** The claims that make a token one for another application of the provider. */
  otherAudience: Claims;
  /** The claims that name the person. */
  subjectClaims: string[];
  /** Claims without which a token of the provider is not one for this API. */
  demanded: string[];
}

const seconds = () => Math.floor(Date.now() / 1000);
const times = () => ({ iat: seconds(), auth_time: seconds() - 60, exp: seconds() + 300 });

/** What every adapter of the identity port must take and refuse. `open` is handed the provider's public keys. */
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

    it('takes a token of the provider, and says who it is and since when', async () => {
      const { iat, auth_time } = times();
      const signIn = await given.identity.verify(signedToken(key, { ...good, iat, auth_time }));
      expect(signIn.subject).toBe(given.subject);
      expect(signIn.issuedAt).toEqual(new Date(iat * 1000));
      expect(signIn.signedInAt).toEqual(new Date(auth_time * 1000));
    });

    const attacks: [string, () => string][] = [
      ['no signature', () => unsignedToken(key, good, 'none')],
      ['no signature, in other letters', () => unsignedToken(key, good, 'NoNe')],
      ['no signature under an honest algorithm', () => unsignedToken(key, good, 'RS256')],
      ['the public key as a shared secret', () => confusedToken(key, good)],
      ['another key under the same name', () => signedToken(stranger, good)],
      ['a key that the provider does not have', () => signedToken(signingKey('third'), good)],
      ['no name of a key', () => signedToken(key, good, { kid: undefined })],
      ['a key that it brings along', () => signedToken(stranger, good, { jwk: jwksOf(stranger).keys[0] })],
      ['claims changed after signing', () => alteredToken(signedToken(key, good), { ...good, iat: 1 })],
      ['another issuer', () => signedToken(key, { ...good, iss: 'https://evil.example/pool' })],
      ['an issuer that begins alike', () => signedToken(key, { ...good, iss: `${good['iss']}.evil.example` })],
      ['no issuer', () => signedToken(key, { ...good, iss: undefined })],
      ['a token for another application', () => signedToken(key, { ...good, ...given.otherAudience })],
      ['an ID token', () => signedToken(key, { ...given.idClaims, ...times() })],
      ['an expired token', () => signedToken(key, { ...good, exp: seconds() - 5 })],
      ['a token that never ends', () => signedToken(key, { ...good, exp: undefined })],
      ['a token that ends at a text', () => signedToken(key, { ...good, exp: 'never' })],
      ['a token that ends beyond all numbers', () => signedToken(key, { ...good, exp: 1e300 })],
      ['a token not yet valid', () => signedToken(key, { ...good, nbf: seconds() + 300 })],
      ['another algorithm of the same key', () => signedToken(key, good, { alg: 'RS512' })],
      [
        'the public key, as its JSON, as a shared secret',
        () => confusedToken(key, good, JSON.stringify(jwksOf(key).keys[0])),
      ],
      [
        'a key of an address that it names',
        () => signedToken(stranger, good, { jku: 'http://127.0.0.1:9/keys', kid: 'x' }),
      ],
      ['a certificate that it names', () => signedToken(stranger, good, { x5u: 'http://127.0.0.1:9/certificate' })],
      ['a name of a key that is a path', () => signedToken(stranger, good, { kid: '../../first' })],
      ['no time of issue', () => signedToken(key, { ...good, iat: undefined })],
      ['text', () => 'not a token'],
      ['three empty parts', () => '..'],
      ['parts that are no JSON', () => 'e30x.e30x.e30x'],
      ['a fourth part', () => `${signedToken(key, good)}.e30`],
    ];
    it('refuses a token without any of the claims that make it one for this API', async () => {
      for (const name of given.demanded) {
        expect(await refusalOf(signedToken(key, { ...good, [name]: undefined })), name).toBe('unauthenticated');
        expect(await refusalOf(signedToken(key, { ...good, [name]: 'other' })), name).toBe('unauthenticated');
      }
    });

    it('refuses a token without any of the claims that say who it is', async () => {
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
