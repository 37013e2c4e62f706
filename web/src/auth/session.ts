import { ErrorResponse, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { addresses } from '../../../contracts/client/addresses.ts';
import { clientOf } from '../../../contracts/client/calls.ts';
import { trackedFetch } from '../lib/reachability.ts';
import { returnPath } from './returnPath.ts';

type SessionState =
  | { status: 'loading' }
  /** The sign-in configuration could not be loaded. */
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
let notifyListener: (state: SessionState) => void = () => undefined;

const setState = (next: SessionState): void => {
  state = next;
  notifyListener(next);
};

/** Calls `listener` with each new state. There is one listener: main.ts. */
export const onSession = (listener: (state: SessionState) => void): void => {
  notifyListener = listener;
};

/** A synchronous guess: a session is stored, or the identity provider has just redirected back. */
export const mayBeSignedIn = (): boolean =>
  location.pathname === '/signed-in' || Object.keys(sessionStorage).some((key) => key.startsWith('oidc.user:'));

const createManager = async (): Promise<UserManager> => {
  const config = await clientOf(addresses, { baseUrl: '', fetch: trackedFetch }).config();
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
    // `sessionToken` renews on demand, so that a tab renews after a sleep, and a hidden tab does not.
    automaticSilentRenew: false,
  });
};

const finishSignIn = async (current: UserManager): Promise<void> => {
  try {
    const user = await current.signinRedirectCallback();
    history.replaceState(null, '', returnPath((user.state as SignInState | undefined)?.returnTo));
    setState({ status: 'signed-in' });
  } catch (error) {
    history.replaceState(null, '', '/');
    const why = error instanceof Error ? error.message : String(error);
    setState({ status: 'signed-out', notice: `Sign-in failed: ${why}. Try again.` });
  }
};

/** Loads the configuration, completes a sign-in in progress, and sets the state. Call again after `failed`. */
export const startSession = async (): Promise<void> => {
  try {
    setState({ status: 'loading' });
    manager = await createManager();
    if (location.pathname === '/signed-in') return await finishSignIn(manager);
    const user = await manager.getUser();
    setState({ status: user === null ? 'signed-out' : 'signed-in' });
  } catch (error) {
    setState({ status: 'failed', error });
  }
};

/** Redirects to the identity provider, which returns to this page. */
export const signIn = async (): Promise<void> => {
  const returnTo = returnPath(location.pathname + location.search + location.hash);
  await manager?.signinRedirect({ state: { returnTo } satisfies SignInState });
};

/** Signs out here and, if it supports that, at the identity provider. */
export const signOut = async (): Promise<void> => {
  if (manager === undefined) return;
  // Cognito requires these two instead of the parameters of OpenID Connect RP-Initiated Logout.
  const { client_id, post_logout_redirect_uri: logout_uri = `${location.origin}/` } = manager.settings;
  if (await manager.metadataService.getEndSessionEndpoint()) {
    return await manager.signoutRedirect({ extraQueryParams: { client_id, logout_uri } });
  }
  await manager.removeUser();
  history.replaceState(null, '', '/');
  setState({ status: 'signed-out' });
};

/**
 * Ends a session that expired: the person signs in again and returns to this page. With a notice the sign-in page shows
 * it first; without one it redirects to the identity provider, which often still has a session.
 */
export const endSession = async (notice?: string): Promise<void> => {
  await manager?.removeUser();
  if (state.status !== 'signed-in') return;
  setState({ status: 'signed-out', ...(notice === undefined ? {} : { notice }) });
};

/** Longer than any request takes, so that a token does not expire during one. */
const renewBeforeSeconds = 60;

/** The refresh token that the provider rejected, so that it is not tried again. */
let refusedRefreshToken: string | undefined;

/** Renews the access token; `undefined` if the provider rejects that. Throws if the provider does not respond. */
const renew = async (current: UserManager, user: User): Promise<string | undefined> => {
  if (user.refresh_token === undefined || user.refresh_token === refusedRefreshToken) return undefined;
  // A rotating refresh token works once, so concurrent requests share one renewal.
  renewal ??= current.signinSilent(resource === undefined ? {} : { resource }).finally(() => {
    renewal = undefined;
  });
  try {
    return (await renewal)?.access_token;
  } catch (error) {
    if (!(error instanceof ErrorResponse)) throw error;
    refusedRefreshToken = user.refresh_token;
    return undefined;
  }
};

/** The access token for a request, renewed shortly before it expires; `undefined` if the session has ended. */
export const sessionToken = async (): Promise<string | undefined> => {
  const user = await manager?.getUser();
  if (manager === undefined || !user) return undefined;
  const secondsLeft = user.expires_in;
  if (secondsLeft === undefined || secondsLeft > renewBeforeSeconds) return user.access_token;
  const renewed = await renew(manager, user).catch((error: unknown) => {
    // The provider did not respond: use the current token while it is valid; the next request tries again.
    if (secondsLeft <= 0) throw error;
    return undefined;
  });
  if (renewed !== undefined) return renewed;
  if (secondsLeft > 0) return user.access_token;
  await endSession();
  return undefined;
};
