import * as oauth from 'oauth4webapi';
import { sanitizeLine } from '../../base/sanitize.ts';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { networkFetch } from '../io/network.ts';
import type { BrowserCredential } from './store.ts';

/** The sign-in settings from `/api/config`. */
interface ProviderConfig {
  issuer: string;
  clientId: string;
  resource?: string | undefined;
  scope: string;
}

const timeoutMs = 15_000;

/**
 * Whether the URL is on loopback, the only host for which plain http is safe: no other machine can read the traffic.
 */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

const optionsFor = (issuer: string) => ({
  [oauth.customFetch]: (url: string, options: object) => networkFetch(url, options),
  [oauth.allowInsecureRequests]: isLoopback(new URL(issuer)),
  signal: AbortSignal.timeout(timeoutMs),
});

const signInError = (issuer: string, error: unknown): CliError => {
  const reason = error instanceof Error ? sanitizeLine(error.message) : 'there was no response';
  const message = `The sign-in at ${sanitizeLine(issuer)} failed: ${reason}. Try again. If the problem persists, contact your administrator.`;
  return new CliError('unauthenticated', message, exitCodes.notSignedIn);
};

const discover = async (issuer: string): Promise<oauth.AuthorizationServer> => {
  try {
    const url = new URL(issuer);
    return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, optionsFor(issuer)));
  } catch (error) {
    throw signInError(issuer, error);
  }
};

const clientOf = (clientId: string): oauth.Client => ({ client_id: clientId });
const resourceOf = (resource: string | undefined): Record<string, string> =>
  resource === undefined ? {} : { resource };

const credentialOf = (
  { issuer, clientId, resource }: Pick<ProviderConfig, 'issuer' | 'clientId' | 'resource'>,
  tokens: oauth.TokenEndpointResponse,
  now: number,
  refreshToken?: string,
): BrowserCredential => {
  const newRefreshToken = tokens.refresh_token ?? refreshToken;
  return {
    by: 'browser',
    issuer,
    clientId,
    ...resourceOf(resource),
    accessToken: tokens.access_token,
    expiresAt: now + (tokens.expires_in ?? 300) * 1_000,
    ...(newRefreshToken === undefined ? {} : { refreshToken: newRefreshToken }),
  };
};

/** A sign-in that waits for the browser's redirect. */
interface Attempt {
  /** The URL that the user opens. */
  url: string;
  /** Whether the redirect belongs to this attempt. */
  isRedirect(callback: URL): boolean;
  /** Validates the redirect and requests the tokens. Throws a `CliError` if the provider or the user refused. */
  finish(callback: URL, now: number): Promise<BrowserCredential>;
}

/** Begins a sign-in: authorization code with PKCE, state and nonce. */
export const beginSignIn = async (config: ProviderConfig, redirectUri: string): Promise<Attempt> => {
  const server = await discover(config.issuer);
  const { authorization_endpoint: endpoint } = server;
  if (endpoint === undefined) throw signInError(config.issuer, new Error('the provider has no authorization endpoint'));
  const client = clientOf(config.clientId);
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ];
  const url = new URL(endpoint);
  // The operating system opens this URL, and other schemes could open files or run programs.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw signInError(config.issuer, new Error('its authorization endpoint is not an https URL'));
  const parameters = {
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
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);

  const finish = async (callback: URL, now: number): Promise<BrowserCredential> => {
    try {
      const validated = oauth.validateAuthResponse(server, client, callback, state);
      const options = { ...optionsFor(config.issuer), additionalParameters: resourceOf(config.resource) };
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        validated,
        redirectUri,
        verifier,
        options,
      );
      const checks = { expectedNonce: nonce, requireIdToken: true };
      return credentialOf(config, await oauth.processAuthorizationCodeResponse(server, client, response, checks), now);
    } catch (error) {
      throw signInError(config.issuer, error);
    }
  };
  return { url: url.href, isRedirect: (callback) => callback.searchParams.get('state') === state, finish };
};

/** Refreshes the tokens of a sign-in. Returns `undefined` if the provider no longer accepts the refresh token. */
export const refresh = async (before: BrowserCredential, now: number): Promise<BrowserCredential | undefined> => {
  const { issuer, clientId, resource, refreshToken } = before;
  if (refreshToken === undefined) return undefined;
  const server = await discover(issuer);
  try {
    const options = { ...optionsFor(issuer), additionalParameters: resourceOf(resource) };
    const client = clientOf(clientId);
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options);
    return credentialOf(before, await oauth.processRefreshTokenResponse(server, client, response), now, refreshToken);
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') return undefined;
    throw signInError(issuer, error);
  }
};

/** Revokes the refresh token. Returns `false` if there is none or the provider has no revocation endpoint. */
export const revoke = async ({ issuer, clientId, refreshToken }: BrowserCredential): Promise<boolean> => {
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
    throw signInError(issuer, error);
  }
};
