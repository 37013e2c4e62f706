import { addresses } from '../../../contracts/addresses.ts';
import { clientOf } from '../../../contracts/calls.ts';
import { endSession, sessionToken } from '../auth/session.ts';
import { watchedFetch } from './connection.ts';

const send: typeof fetch = async (input, init) => {
  const response = await watchedFetch(input, init);
  if (response.status === 401) await endSession('Your session is over. Sign in to go on where you were.');
  return response;
};

/** The API as the person who is signed in. */
export const api = clientOf(addresses, { baseUrl: '', token: sessionToken, fetch: send });

/**
 * A key by which the server knows a repeated request.
 * Not `crypto.randomUUID`, which is missing where the portal is served without TLS under a name other than localhost.
 */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
