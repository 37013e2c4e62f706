import { JwtParseError } from 'aws-jwt-verify/error';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { isApiToken } from '../../core/people/tokens.ts';

/**
 * Returns whether a bearer token is one of Berth's, which no app may see: an API token, or a sign-in token of this
 * issuer. Any other token belongs to an app and is forwarded.
 */
export const berthTokenMatcher = (issuer: string) => (token: string) => isApiToken(token) || issuerOf(token) === issuer;

const issuerOf = (token: string): unknown => {
  try {
    return decomposeUnverifiedJwt(token).payload.iss;
  } catch (error) {
    if (error instanceof JwtParseError || error instanceof SyntaxError) return undefined;
    throw error;
  }
};
