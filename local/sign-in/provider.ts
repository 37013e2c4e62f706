import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '../../base/log.ts';
import { cliCallbacks } from '../../contracts/sign-in.ts';
import type { SignInConfig } from '../../functions/runtime.ts';
import { publicKey, type SigningKey } from './keys.ts';
import { messagePage, signInPage, signOutPage } from './page.ts';
import { people } from './seeded-people.ts';
import type { openSignInStore } from './store.ts';

interface SignInOptions {
  /** Berth's origin, such as `http://localhost:8080`. */
  origin: string;
  key: SigningKey;
  /** Signs the provider's cookies. */
  cookieSecret: string;
  adapter: ReturnType<typeof openSignInStore>['adapter'];
  log: Log;
}

const clientId = 'berth';
const providerPath = '/oidc';
const signInPath = '/sign-in';
const hour = 3_600;

/** An OpenID provider for one machine: the local stand-in for a company's single sign-on. */
export const createSignIn = (options: SignInOptions) => {
  const { origin } = options;
  const issuer = origin + providerPath;
  const resource = `${origin}/api`;
  const provider = new Provider(issuer, configuration(options, resource));
  provider.on('server_error', (_, error) => options.log('error', 'a sign-in failed', { error }));
  const callback = provider.callback();
  const config: SignInConfig = { issuer, clientId, resource, scope: 'openid profile berth' };

  return {
    config,
    audience: resource,
    jwks: { keys: [publicKey(options.key)] },
    /** Handles requests to the provider and the sign-in page; returns `false` for any other path. */
    request: async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
      const url = request.url ?? '/';
      if (url.startsWith(`${providerPath}/`)) {
        Object.assign(request, { originalUrl: url, url: url.slice(providerPath.length) });
        await callback(request, response);
        return true;
      }
      if (!url.startsWith(`${signInPath}/`)) return false;
      await serveSignInPage(provider, origin, request, response);
      return true;
    },
  };
};

/** Serves the sign-in page and handles its form. */
const serveSignInPage = async (
  provider: Provider,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  if (request.method === 'GET' && (await isOwnSignIn(provider, request, response))) {
    return page(response, 200, signInPage(request.url ?? '', people));
  }
  if (request.method === 'POST' && request.headers.origin === origin) {
    const name = new URLSearchParams(await smallBody(request)).get('person');
    const person = people.find((candidate) => candidate.name === name);
    if (person !== undefined && (await isOwnSignIn(provider, request, response))) {
      return provider.interactionFinished(request, response, { login: { accountId: person.name } });
    }
  }
  page(
    response,
    400,
    messagePage(
      'This sign-in has expired',
      'It took too long, or was finished in another tab. Sign in again from the portal.',
      origin,
    ),
  );
};

/** Whether the browser began this sign-in, by the provider's cookie: no other browser may complete it. */
const isOwnSignIn = async (
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> => {
  try {
    await provider.interactionDetails(request, response);
    return true;
  } catch (error) {
    if ((error as Error).name === 'SessionNotFound') return false;
    throw error;
  }
};

const smallBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > 1_000) break;
  }
  return text;
};

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

const page = (response: ServerResponse, status: number, html: string) => {
  response.writeHead(status, pageHeaders);
  response.end(html);
};

const configuration = ({ origin, key, cookieSecret, adapter }: SignInOptions, resource: string): Configuration => ({
  adapter,
  jwks: { keys: [key] },
  cookies: { keys: [cookieSecret] },
  clients: [
    {
      client_id: clientId,
      client_name: 'Berth',
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${origin}/signed-in`, ...cliCallbacks],
      post_logout_redirect_uris: [`${origin}/`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  pkce: { required: () => true },
  // The portal has the same origin; no other origin may request tokens.
  clientBasedCORS: (_, from) => from === origin,
  scopes: ['openid', 'profile'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  findAccount: (_, id) => accountOf(id),
  extraTokenClaims: (context, token) =>
    'accountId' in token ? claimsOf(token.accountId, authTime(context)) : undefined,
  interactions: { url: (_, { uid }) => `${signInPath}/${uid}` },
  // The portal and the CLI are first-party clients, so there is no consent page.
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client?.clientId ?? clientId,
      accountId: context.oidc.session?.accountId ?? '',
    });
    grant.addOIDCScope('openid profile');
    grant.addResourceScope(resource, 'berth');
    await grant.save();
    return grant;
  },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  ttl: {
    AccessToken: hour,
    IdToken: hour,
    RefreshToken: 24 * hour,
    Session: 24 * hour,
    Grant: 24 * hour,
    Interaction: hour,
  },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true, allowedPolicy: async (_, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.set(pageHeaders);
        context.body = signOutPage(form, origin);
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'berth',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: hour,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

const accountOf = (id: string) => {
  const person = people.find(({ name }) => name === id);
  if (person === undefined) return undefined;
  return { accountId: id, claims: () => ({ sub: id, name: person.displayName, preferred_username: id }) };
};

const claimsOf = (id: string, auth_time: number | undefined) => {
  const person = people.find(({ name }) => name === id);
  if (person === undefined) return undefined;
  const { displayName, email, groups } = person;
  return { name: displayName, preferred_username: id, email, email_verified: true, groups, auth_time };
};

/** The time of the sign-in, which a token refresh does not change. */
const authTime = (context: KoaContextWithOIDC): number | undefined => {
  const { AuthorizationCode, RefreshToken } = context.oidc.entities;
  return AuthorizationCode?.authTime ?? RefreshToken?.authTime;
};
