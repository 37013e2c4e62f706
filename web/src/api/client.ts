import { addresses } from '../../../contracts/client/addresses.ts';
import { clientOf } from '../../../contracts/client/calls.ts';
import { endSession, sessionToken } from '../auth/session.ts';
import { trackedFetch } from '../lib/reachability.ts';

const send: typeof fetch = async (input, init) => {
  const response = await trackedFetch(input, init);
  if (response.status === 401) await endSession('Your session has expired. Sign in to continue where you left off.');
  return response;
};

/** The API client of the signed-in person. */
export const api = clientOf(addresses, { baseUrl: '', token: sessionToken, fetch: send });

/** Not `crypto.randomUUID`: browsers offer it only over TLS and on localhost. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
