import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import type { Identity, SignIn } from '../../core/ports/identity.ts';
import { claim } from './cognito-claims.ts';
import { asRefusal, noProvider, unknownClaims } from './refused.ts';

interface CognitoOptions {
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  issuer: string;
  /** The app client whose tokens are accepted. */
  clientId: string;
  /** Fetches the pool's keys as JSON bytes; by default over HTTPS with a timeout. */
  fetchJwks?: (uri: string) => Promise<ArrayBuffer>;
}

const Groups = z.array(z.string().max(200)).max(500);

const GroupsText = z.string().transform((text, context) => {
  try {
    return Groups.parse(JSON.parse(text));
  } catch (error) {
    context.addIssue(`is not a JSON array of names: ${String(error)}`);
    return z.NEVER;
  }
});

/** The claims that Berth reads from an access token. Berth's own are added by its pre token generation trigger. */
const Claims = z.object({
  [claim.provider]: z.string().min(1).max(255).optional(),
  [claim.providerUser]: z.string().min(1).max(2_048).optional(),
  username: z.string().min(1).max(255),
  iat: z.number().int(),
  /** The verifier checks the expiry but accepts a token without one, so the schema requires the claim. */
  exp: z.number().int(),
  auth_time: z.number().int().optional(),
  [claim.groups]: GroupsText,
  [claim.name]: z.string().max(200).optional(),
  [claim.username]: z.string().max(200).optional(),
  [claim.email]: z.string().max(320).optional(),
});

/**
 * Signs people in with the access tokens of one client of a Cognito user pool. The pool's keys are cached and fetched
 * again when a token names an unknown key; concurrent fetches share one request.
 */
export const cognitoIdentity = ({ issuer, clientId, fetchJwks }: CognitoOptions): Identity => {
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
      return signInOf(claims.data);
    },
  };
};

/** Identifies people by their identity provider: the pool's `sub` changes with a new pool or a deleted profile. */
const signInOf = (claims: z.infer<typeof Claims>): SignIn => {
  const { [claim.name]: displayName, [claim.email]: email, [claim.provider]: provider } = claims;
  const { [claim.providerUser]: providerUser } = claims;
  if (provider === undefined || providerUser === undefined) throw noProvider();
  return {
    subject: `${provider}#${providerUser}`,
    name: claims[claim.username] ?? displayName ?? claims.username,
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
    groups: claims[claim.groups],
    issuedAt: new Date(claims.iat * 1000),
    ...(claims.auth_time === undefined ? {} : { signedInAt: new Date(claims.auth_time * 1000) }),
  };
};
