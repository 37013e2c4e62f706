import { exitCodes } from '../exit-codes.ts';
import { CliError, signInHint } from '../failure.ts';
import { type Credentials, changeCredentials, readCredentials, type SignedIn } from './store.ts';

/** Renewed this long before it ends, so that none ends on its way. */
const renewBeforeMs = 30_000;

const isFresh = (kept: SignedIn, now: number): boolean => kept.by === 'token' || kept.expiresAt - renewBeforeMs > now;

const tokenOf = (kept: SignedIn): string => (kept.by === 'token' ? kept.token : kept.accessToken);

const notSignedIn = (message: string): CliError => new CliError('unauthenticated', message, exitCodes.notSignedIn);

/** The token that is kept for a Berth, renewed when it is about to end. */
export const keptToken = async (url: string): Promise<string> => {
  const kept = readCredentials().berths[url];
  if (kept === undefined) throw notSignedIn(`You are not signed in at ${url}. ${signInHint}`);
  if (isFresh(kept, Date.now())) return tokenOf(kept);
  // A provider takes each refresh token once, so that two commands at once must not both use it.
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
