import { JwtVerifier } from 'aws-jwt-verify';
import type { Jwks } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import type { Identity, SignIn } from '../../core/ports/identity.ts';
import { asRefusal, unknownClaims } from './refused.ts';

interface OidcOptions {
  /** A stable name of the provider: people are identified by this name and their subject. */
  provider: string;
  issuer: string;
  /** The audience that a token must have. */
  audience: string;
  /** Preset keys, for a provider that is not reached over HTTPS. */
  jwks: Jwks;
}

/** The claims that Berth reads from a sign-in token. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  name: z.string().max(200).optional(),
  preferred_username: z.string().max(200).optional(),
  email: z.string().max(320).optional(),
  /** Only the boolean counts: some providers send the string "false". */
  email_verified: z.unknown().optional(),
  groups: z.array(z.string().max(200)).max(500).default([]),
  iat: z.number().int(),
  /** The verifier checks the expiry but accepts a token without one, so the schema requires the claim. */
  exp: z.number().int(),
  auth_time: z.number().int().optional(),
});

/** Signs people in with access tokens of an OpenID provider: signed by its keys, for this API, and not expired. */
export const oidcIdentity = ({ provider, issuer, audience, jwks }: OidcOptions): Identity => {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/jwks`, scope: 'berth' });
  verifier.cacheJwks(jwks);
  return {
    verify: async (token) => {
      // `verifySync` uses only the keys above, so it never fetches a URL that a token names.
      const payload = check(() => verifier.verifySync(token));
      const claims = Claims.safeParse(payload);
      if (!claims.success) throw unknownClaims(claims.error);
      return signInOf(provider, claims.data);
    },
  };
};

const check = <T>(verify: () => T): T => {
  try {
    return verify();
  } catch (error) {
    throw asRefusal(error);
  }
};

const signInOf = (provider: string, claims: z.infer<typeof Claims>): SignIn => ({
  subject: `${provider}#${claims.sub}`,
  name: claims.preferred_username ?? claims.name ?? claims.sub,
  ...(claims.name === undefined ? {} : { displayName: claims.name }),
  ...(claims.email === undefined || claims.email_verified !== true ? {} : { email: claims.email }),
  groups: claims.groups,
  issuedAt: new Date(claims.iat * 1000),
  ...(claims.auth_time === undefined ? {} : { signedInAt: new Date(claims.auth_time * 1000) }),
});
