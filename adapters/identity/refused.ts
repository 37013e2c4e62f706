import { FetchError, JwksValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { BerthError } from '../../core/errors.ts';

const refused = (why: string, cause?: unknown) =>
  new BerthError('unauthenticated', `The sign-in token is not valid: ${why}. Sign in again.`, { cause });

/** Maps a failed verification to an error: a rejection, unless the provider's keys could not be fetched. */
export const asRefusal = (error: unknown): unknown => {
  if (error instanceof FetchError || error instanceof JwksValidationError) return error;
  if (error instanceof JwtBaseError || error instanceof SyntaxError)
    return refused('it is invalid, expired, or not for Berth', error);
  return error;
};

/** The claims of a token do not have the form that the adapter expects. */
export const unknownClaims = (error: unknown) => refused('its claims do not have the form that Berth expects', error);

/** The profile belongs to the pool itself, or is linked to several identity providers. */
export const noProvider = () =>
  new BerthError(
    'unauthenticated',
    'The user pool does not name exactly one identity provider for you, so Berth cannot identify you. Contact your administrator.',
  );
