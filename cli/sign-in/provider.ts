import * as oauth from 'oauth4webapi';
import { exitCodes } from '../io/exit-codes.ts';
import { CliError } from '../io/failure.ts';
import { harmless } from '../io/harmless.ts';
import { networkFetch } from '../io/network.ts';
import type { BrowserSignIn } from './store.ts';

/** The sign-in settings from `/api/config`. */
export interface ProviderConfig {
  issuer: string;
  clientId: string;
  resource?: string | undefined;
  scope: string;
}

const answerMs = 15_000;

/** Whether the URL is on loopback, the only host for which plain http is safe: nobody else can read the traffic. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

const optionsFor = (issuer: string) => ({
  [oauth.customFetch]: (url: string, options: object) => networkFetch(url, options),
  [oauth.allowInsecureRequests]: isLoopback(new URL(issuer)),
  signal: AbortSignal.timeout(answerMs),
});

const failed = (issuer: string, error: unknown): CliError => {
  const why = error instanceof Error ? harmless(error.message) : 'it did not answer';
  const message = `The sign-in at ${harmless(issuer)} failed: ${why}. Try again; if it stays, ask your administrator.`;
  return new CliError('unauthenticated', message, exitCodes.notSignedIn);
};

const discover = async (issuer: string): Promise<oauth.AuthorizationServer> => {
  try {
    const url = new URL(issuer);
    return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, optionsFor(issuer)));
  } catch (error) {
    throw failed(issuer, error);
  }
};

const clientOf = (clientId: string): oauth.Client => ({ client_id: clientId });
const resourceOf = (resource: string | undefined): Record<string, string> =>
  resource === undefined ? {} : { resource };

const signedIn = (
  { issuer, clientId, resource }: Pick<ProviderConfig, 'issuer' | 'clientId' | 'resource'>,
  tokens: oauth.TokenEndpointResponse,
  now: number,
  refreshToken?: string,
): BrowserSignIn => {
  const next = tokens.refresh_token ?? refreshToken;
  return {
    by: 'browser',
    issuer,
    clientId,
    ...resourceOf(resource),
    accessToken: tokens.access_token,
    expiresAt: now + (tokens.expires_in ?? 300) * 1_000,
    ...(next === undefined ? {} : { refreshToken: next }),
  };
};

/** A sign-in that waits for the browser's redirect. */
export interface Attempt {
  /** The URL that the user opens. */
  url: string;
  /** Whether the redirect belongs to this attempt. */
  isAnswer(callback: URL): boolean;
  /** Validates the redirect and requests the tokens. Throws a `CliError` if the provider or the user refused. */
  finish(callback: URL, now: number): Promise<BrowserSignIn>;
}

/** Begins a sign-in: authorization code with PKCE, state and nonce. */
export const beginSignIn = async (config: ProviderConfig, redirectUri: string): Promise<Attempt> => {
  const server = await discover(config.issuer);
  const { authorization_endpoint: endpoint } = server;
  if (endpoint === undefined) throw failed(config.issuer, new Error('it has no page to sign in at'));
  const client = clientOf(config.clientId);
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ];
  const url = new URL(endpoint);
  // The operating system opens this URL, and other schemes could open files or run programs.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw failed(config.issuer, new Error('its page to sign in at has no https address'));
  const asked = {
    client_id: config.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: config.scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...resourceOf(config.resource),
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);

  const finish = async (callback: URL, now: number): Promise<BrowserSignIn> => {
    try {
      const answer = oauth.validateAuthResponse(server, client, callback, state);
      const options = { ...optionsFor(config.issuer), additionalParameters: resourceOf(config.resource) };
      const taken = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        options,
      );
      const checks = { expectedNonce: nonce, requireIdToken: true };
      return signedIn(config, await oauth.processAuthorizationCodeResponse(server, client, taken, checks), now);
    } catch (error) {
      throw failed(config.issuer, error);
    }
  };
  return { url: url.href, isAnswer: (callback) => callback.searchParams.get('state') === state, finish };
};

/** Refreshes the tokens of a sign-in. Returns `undefined` if the provider no longer accepts the refresh token. */
export const renew = async (before: BrowserSignIn, now: number): Promise<BrowserSignIn | undefined> => {
  const { issuer, clientId, resource, refreshToken } = before;
  if (refreshToken === undefined) return undefined;
  const server = await discover(issuer);
  try {
    const options = { ...optionsFor(issuer), additionalParameters: resourceOf(resource) };
    const client = clientOf(clientId);
    const answer = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options);
    return signedIn(before, await oauth.processRefreshTokenResponse(server, client, answer), now, refreshToken);
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') return undefined;
    throw failed(issuer, error);
  }
};

/** Revokes the refresh token. Returns `false` if there is none or the provider has no revocation endpoint. */
export const revoke = async ({ issuer, clientId, refreshToken }: BrowserSignIn): Promise<boolean> => {
  const server = await discover(issuer);
  if (refreshToken === undefined || server.revocation_endpoint === undefined) return false;
  try {
    const options = optionsFor(issuer);
    const client = clientOf(clientId);
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, client, oauth.None(), refreshToken, options),
    );
    return true;
  } catch (error) {
    throw failed(issuer, error);
  }
};
