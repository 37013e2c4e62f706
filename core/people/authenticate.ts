import { BerthError } from '../errors.ts';
import type { Identity } from '../ports/identity.ts';
import type { Rules } from '../rules.ts';
import type { PersonRecord } from './person-record.ts';
import { recordSignIn } from './sign-in.ts';
import { authenticateToken, isApiToken } from './tokens.ts';

/** Longer than any token of Berth or of a provider; a longer one is rejected without being parsed. */
const maxLength = 8_192;

/** Returns the person of a bearer token: an API token, or a sign-in token that the identity provider signed. */
export const authenticate = async (
  rules: Rules,
  identity: Identity,
  bearer: string | undefined,
): Promise<PersonRecord> => {
  if (bearer === undefined || bearer === '' || bearer.length > maxLength) {
    throw new BerthError(
      'unauthenticated',
      'This needs a sign-in. Sign in, or send an API token as "Authorization: Bearer …".',
    );
  }
  if (isApiToken(bearer)) return authenticateToken(rules, bearer);
  return recordSignIn(rules, await identity.verify(bearer));
};
