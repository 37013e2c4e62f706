import { CliError, signInHint } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { type Credential, type Credentials, readCredentials, updateCredentials } from './store.ts';

/** A token is refreshed this long before it expires, so that it does not expire while a request is in flight. */
const refreshBeforeMs = 30_000;

const isFresh = (credential: Credential, now: number): boolean =>
  credential.by === 'token' || credential.expiresAt - refreshBeforeMs > now;

const tokenOf = (credential: Credential): string =>
  credential.by === 'token' ? credential.token : credential.accessToken;

const notSignedIn = (message: string): CliError => new CliError('unauthenticated', message, exitCodes.notSignedIn);

/** Returns the stored access token for a server, refreshed if it is about to expire. */
export const storedToken = async (url: string): Promise<string> => {
  const stored = readCredentials().berths[url];
  if (stored === undefined) throw notSignedIn(`You are not signed in to ${url}. ${signInHint}`);
  if (isFresh(stored, Date.now())) return tokenOf(stored);
  // A provider accepts each refresh token only once, so two concurrent commands must not both use it.
  return updateCredentials((before) => refreshStored(url, before));
};

const refreshStored = async (url: string, before: Credentials): Promise<{ result: string; after?: Credentials }> => {
  const stored = before.berths[url];
  if (stored !== undefined && isFresh(stored, Date.now())) return { result: tokenOf(stored) };
  const { refresh } = await import('./provider.ts');
  const next = stored?.by === 'browser' ? await refresh(stored, Date.now()) : undefined;
  if (next === undefined) throw notSignedIn(`Your sign-in to ${url} has expired. Sign in again with: berth login`);
  return { result: next.accessToken, after: { ...before, berths: { ...before.berths, [url]: next } } };
};
