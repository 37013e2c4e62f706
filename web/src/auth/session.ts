import { ErrorResponse, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { useSyncExternalStore } from 'react';
import { addresses } from '../../../contracts/addresses.ts';
import { clientOf } from '../../../contracts/calls.ts';
import { watchedFetch } from '../api/connection.ts';
import { returnPath } from './returnPath.ts';

type SessionState =
  | { status: 'loading' }
  /** Berth could not be asked how to sign in. */
  | { status: 'failed'; error: unknown }
  | { status: 'signed-out'; notice?: string }
  | { status: 'signed-in' };

interface SignInState {
  returnTo: string;
}

let state: SessionState = { status: 'loading' };
let manager: UserManager | undefined;
let resource: string | undefined;
let renewal: Promise<User | null> | undefined;
const listeners = new Set<() => void>();

const become = (next: SessionState): void => {
  state = next;
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSession = (): SessionState => useSyncExternalStore(subscribe, () => state);

const managerOf = async (): Promise<UserManager> => {
  const config = await clientOf(addresses, { baseUrl: '', fetch: watchedFetch }).config();
  resource = config.resource;
  return new UserManager({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: `${location.origin}/signed-in`,
    post_logout_redirect_uri: `${location.origin}/`,
    response_type: 'code',
    scope: config.scope,
    ...(resource === undefined ? {} : { resource, extraTokenParams: { resource } }),
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    // Renewed when a request needs it (`sessionToken`), so a tab that slept renews too, and a hidden one does not.
    automaticSilentRenew: false,
  });
};

const finishSignIn = async (current: UserManager): Promise<void> => {
  try {
    const user = await current.signinRedirectCallback();
    history.replaceState(null, '', returnPath((user.state as SignInState | undefined)?.returnTo));
    become({ status: 'signed-in' });
  } catch (error) {
    history.replaceState(null, '', '/');
    const why = error instanceof Error ? error.message : String(error);
    become({ status: 'signed-out', notice: `Signing in did not work: ${why}. Try again.` });
  }
};

/** Asks how to sign in, takes the answer of a sign-in under way, and says who is here. Call again after `failed`. */
export const startSession = async (): Promise<void> => {
  try {
    become({ status: 'loading' });
    manager = await managerOf();
    if (location.pathname === '/signed-in') return await finishSignIn(manager);
    const user = await manager.getUser();
    become({ status: user === null ? 'signed-out' : 'signed-in' });
  } catch (error) {
    become({ status: 'failed', error });
  }
};

/** Leaves for the sign-in page of the identity provider and comes back to this page. */
export const signIn = async (): Promise<void> => {
  const returnTo = returnPath(location.pathname + location.search);
  await manager?.signinRedirect({ state: { returnTo } satisfies SignInState });
};

/** Signs out here and, where the provider offers it, there. */
export const signOut = async (): Promise<void> => {
  if (manager === undefined) return;
  // Cognito does not know the standard's parameters here and asks for these two.
  const { client_id, post_logout_redirect_uri: logout_uri = `${location.origin}/` } = manager.settings;
  if (await manager.metadataService.getEndSessionEndpoint()) {
    return await manager.signoutRedirect({ extraQueryParams: { client_id, logout_uri } });
  }
  await manager.removeUser();
  history.replaceState(null, '', '/');
  become({ status: 'signed-out' });
};

/**
 * The session is over without the person having asked: back to signing in, and to this page afterwards. With a notice
 * they read it first; without one the identity provider is asked at once, which most often still knows them.
 */
export const endSession = async (notice?: string): Promise<void> => {
  await manager?.removeUser();
  if (state.status !== 'signed-in') return;
  become({ status: 'signed-out', ...(notice === undefined ? {} : { notice }) });
};

/** Seconds before its end at which a token is renewed: longer than any request is under way. */
const renewBefore = 60;

/** The refresh token that the provider refused, which would be refused again. */
let refused: string | undefined;

/** A renewed access token; `undefined` when there is to be none. Throws when the provider does not answer. */
const renew = async (current: UserManager, user: User): Promise<string | undefined> => {
  if (user.refresh_token === undefined || user.refresh_token === refused) return undefined;
  // A rotated refresh token counts once: requests that need it at the same time share one renewal.
  renewal ??= current.signinSilent(resource === undefined ? {} : { resource }).finally(() => {
    renewal = undefined;
  });
  try {
    return (await renewal)?.access_token;
  } catch (error) {
    if (!(error instanceof ErrorResponse)) throw error;
    refused = user.refresh_token;
    return undefined;
  }
};

/** The access token for a request, renewed when it is about to end; `undefined` when the session is over. */
export const sessionToken = async (): Promise<string | undefined> => {
  const user = await manager?.getUser();
  if (manager === undefined || !user) return undefined;
  const left = user.expires_in;
  if (left === undefined || left > renewBefore) return user.access_token;
  const renewed = await renew(manager, user).catch((error: unknown) => {
    // One that does not answer is asked again by the next request; until the end the token at hand will do.
    if (left <= 0) throw error;
    return undefined;
  });
  if (renewed !== undefined) return renewed;
  if (left > 0) return user.access_token;
  await endSession();
  return undefined;
};
