import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import type { Identity, SignIn } from '../../core/ports.ts';
import { claim } from './cognito-claims.ts';
import { asRefusal, unknownClaims } from './refused.ts';

export interface CognitoOptions {
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  issuer: string;
  /** The app client whose tokens are taken. */
  clientId: string;
  /** A name for the pool that never changes: people are known by it and their subject. */
  provider: string;
  /** Gets the pool's keys, as bytes of JSON; by default over https, with a time limit. */
  fetchJwks?: (uri: string) => Promise<ArrayBuffer>;
}

/** People are known by this and their subject, also when the user pool is made anew. A change would make strangers of all. */
export const deployedProvider = 'cognito';

const Groups = z.array(z.string().max(200)).max(500);

const GroupsText = z.string().transform((text, context) => {
  try {
    return Groups.parse(JSON.parse(text));
  } catch (error) {
    context.addIssue(`is no JSON array of names: ${String(error)}`);
    return z.NEVER;
  }
});

/** The claims Berth reads of an access token; those of its own come from its pre-token-generation trigger. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  username: z.string().min(1).max(255),
  iat: z.number().int(),
  /** Held to the clock by the verifier, which takes a token without it for one that never ends. */
  exp: z.number().int(),
  auth_time: z.number().int().optional(),
  'cognito:groups': Groups.default([]),
  [claim.groups]: GroupsText.optional(),
  [claim.name]: z.string().max(200).optional(),
  [claim.username]: z.string().max(200).optional(),
  [claim.email]: z.string().max(320).optional(),
});

/**
 * Sign-in by the access tokens of one client of a Cognito user pool. The pool's keys are fetched once and kept, and
 * again when a token names a new one; those who miss them at the same moment share one request.
 */
export const cognitoIdentity = ({ issuer, clientId, provider, fetchJwks }: CognitoOptions): Identity => {
  const userPoolId = issuer.slice(issuer.lastIndexOf('/') + 1);
  if (CognitoJwtVerifier.parseUserPoolId(userPoolId).issuer !== issuer) {
    throw new Error(`${issuer} is not the issuer of a Cognito user pool. Correct BERTH_ISSUER.`);
  }
  const jwksCache = new SimpleJwksCache(fetchJwks === undefined ? {} : { fetcher: { fetch: fetchJwks } });
  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: 'access' }, { jwksCache });
  return {
    verify: async (token) => {
      const payload = await verifier.verify(token).catch((error: unknown) => {
        throw asRefusal(error);
      });
      const claims = Claims.safeParse(payload);
      if (!claims.success) throw unknownClaims(claims.error);
      return signInOf(provider, claims.data);
    },
  };
};

const signInOf = (provider: string, claims: z.infer<typeof Claims>): SignIn => {
  const { [claim.name]: displayName, [claim.email]: email } = claims;
  return {
    subject: `${provider}#${claims.sub}`,
    name: claims[claim.username] ?? displayName ?? claims.username,
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
    groups: claims[claim.groups] ?? claims['cognito:groups'],
    issuedAt: new Date(claims.iat * 1000),
    ...(claims.auth_time === undefined ? {} : { signedInAt: new Date(claims.auth_time * 1000) }),
  };
};
