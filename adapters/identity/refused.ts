import { FetchError, JwksValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { BerthError } from '../../core/errors.ts';

export const refused = (why: string, cause?: unknown) =>
  new BerthError('unauthenticated', `The sign-in token is not valid: ${why}. Sign in again.`, { cause });

/** What a failed verification is to the person: a refusal, unless it was the provider's keys that could not be had. */
export const asRefusal = (error: unknown): unknown => {
  if (error instanceof FetchError || error instanceof JwksValidationError) return error;
  if (error instanceof JwtBaseError || error instanceof SyntaxError)
    return refused('it is forged, over, or not for Berth', error);
  return error;
};

/** Where the claims of a token are not what the adapter knows. */
export const unknownClaims = (error: unknown) => refused('its claims are not of the form Berth knows', error);
