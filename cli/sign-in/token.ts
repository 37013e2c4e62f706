import { exitCodes } from '../io/exit-codes.ts';
import { CliError, signInHint } from '../io/failure.ts';
import { type Credentials, changeCredentials, readCredentials, type SignedIn } from './store.ts';

/** A token is refreshed this long before it expires, so that it does not expire while a request is in flight. */
const renewBeforeMs = 30_000;

const isFresh = (kept: SignedIn, now: number): boolean => kept.by === 'token' || kept.expiresAt - renewBeforeMs > now;

const tokenOf = (kept: SignedIn): string => (kept.by === 'token' ? kept.token : kept.accessToken);

const notSignedIn = (message: string): CliError => new CliError('unauthenticated', message, exitCodes.notSignedIn);

/** Returns the stored access token for a server, refreshed if it is about to expire. */
export const keptToken = async (url: string): Promise<string> => {
  const kept = readCredentials().berths[url];
  if (kept === undefined) throw notSignedIn(`You are not signed in at ${url}. ${signInHint}`);
  if (isFresh(kept, Date.now())) return tokenOf(kept);
  // A provider accepts each refresh token only once, so two concurrent commands must not both use it.
  return changeCredentials((before) => renewed(url, before));
};

const renewed = async (url: string, before: Credentials): Promise<{ answer: string; after?: Credentials }> => {
  const kept = before.berths[url];
  if (kept !== undefined && isFresh(kept, Date.now())) return { answer: tokenOf(kept) };
  const { renew } = await import('./provider.ts');
  const next = kept?.by === 'browser' ? await renew(kept, Date.now()) : undefined;
  if (next === undefined) throw notSignedIn(`Your sign-in at ${url} is over. Sign in again with: berth login`);
  return { answer: next.accessToken, after: { ...before, berths: { ...before.berths, [url]: next } } };
};
