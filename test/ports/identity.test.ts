import { expect, it } from 'vitest';
import { cognitoIdentity } from '../../adapters/identity/cognito.ts';
import { oidcIdentity } from '../../adapters/identity/oidc.ts';
import { identityContract } from './identity.ts';
import { jwksOf, signedToken, signingKey } from './tokens.ts';

const oidc = { issuer: 'http://localhost:7080/sign-in', audience: 'urn:berth:api' };
const oidcClaims = { iss: oidc.issuer, aud: oidc.audience, sub: 'ada', scope: 'openid berth' };

identityContract('an OpenID provider', (jwks) => ({
  identity: oidcIdentity({ provider: 'local', ...oidc, jwks }),
  claims: oidcClaims,
  subject: 'local#ada',
  idClaims: { iss: oidc.issuer, aud: 'portal', sub: 'ada', nonce: 'n' },
  otherAudience: { aud: 'urn:other:api' },
  demanded: ['iss', 'aud', 'scope'],
}));

const pool = 'eu-central-1_Ab1Cd2Ef3';
const issuer = `https://cognito-idp.eu-central-1.amazonaws.com/${pool}`;
const bytesOf = (value: object): ArrayBuffer => new TextEncoder().encode(JSON.stringify(value)).buffer;
const accessClaims = {
  iss: issuer,
  client_id: 'portal',
  token_use: 'access',
  scope: 'openid',
  sub: '5a0c',
  username: 'okta_ada@corp.example',
};

identityContract('a Cognito user pool', (jwks) => ({
  identity: cognitoIdentity({
    issuer,
    clientId: 'portal',
    provider: 'sso',
    fetchJwks: async (uri) => {
      expect(uri).toBe(`${issuer}/.well-known/jwks.json`);
      return bytesOf(jwks);
    },
  }),
  claims: accessClaims,
  subject: 'sso#5a0c',
  idClaims: { iss: issuer, aud: 'portal', token_use: 'id', sub: '5a0c', 'cognito:username': 'okta_ada@corp.example' },
  otherAudience: { client_id: 'other' },
  demanded: ['iss', 'client_id', 'token_use'],
}));

const times = { iat: 1_700_000_000, exp: 4_000_000_000 };
const key = signingKey('first');

const oidcOf = (claims: object) =>
  oidcIdentity({ provider: 'local', ...oidc, jwks: jwksOf(key) }).verify(
    signedToken(key, { ...oidcClaims, ...times, ...claims }),
  );

it.each([false, 'false', 'true', 1, undefined])(
  'an e-mail that is verified %j does not count',
  async (email_verified) => {
    expect(await oidcOf({ email: 'ada@corp.example', email_verified })).not.toHaveProperty('email');
  },
);

it('a verified e-mail counts', async () => {
  expect(await oidcOf({ email: 'ada@corp.example', email_verified: true })).toHaveProperty('email', 'ada@corp.example');
});

const cognito = (fetchJwks: () => Promise<ArrayBuffer>) =>
  cognitoIdentity({ issuer, clientId: 'portal', provider: 'sso', fetchJwks });
const cognitoOf = (claims: object) =>
  cognito(async () => bytesOf(jwksOf(key))).verify(signedToken(key, { ...accessClaims, ...times, ...claims }));

it('reads the claims of the pre-token trigger', async () => {
  const claims = {
    'berth:groups': '["platform-admins","a, b"]',
    'berth:name': 'Ada Lovelace',
    'berth:username': 'ada',
    'berth:email': 'ada@corp.example',
    'cognito:groups': ['not-this'],
  };
  expect(await cognitoOf(claims)).toMatchObject({
    name: 'ada',
    displayName: 'Ada Lovelace',
    email: 'ada@corp.example',
    groups: ['platform-admins', 'a, b'],
  });
});

it('without the trigger the groups are those of the pool, and there is no e-mail', async () => {
  const signIn = await cognitoOf({ 'cognito:groups': ['a'], email: 'ada@corp.example', email_verified: true });
  expect(signIn).toMatchObject({ name: 'okta_ada@corp.example', groups: ['a'] });
  expect(signIn).not.toHaveProperty('email');
});

it.each(['[1]', '{"a":1}', 'platform-admins', '[["platform-admins"]]', ''])(
  'groups that are %j are refused',
  async (groups) => {
    await expect(cognitoOf({ 'berth:groups': groups })).rejects.toMatchObject({ name: 'unauthenticated' });
  },
);

it('fetches the keys once, however many ask at the same moment', async () => {
  let fetched = 0;
  const identity = cognito(async () => {
    fetched += 1;
    return bytesOf(jwksOf(key));
  });
  const token = signedToken(key, { ...accessClaims, ...times });
  await Promise.all(Array.from({ length: 20 }, () => identity.verify(token)));
  await identity.verify(token);
  expect(fetched).toBe(1);
});

it('knows a key that the pool begins to use', async () => {
  const next = signingKey('next');
  let keys = jwksOf(key);
  const identity = cognito(async () => bytesOf(keys));
  await identity.verify(signedToken(key, { ...accessClaims, ...times }));
  keys = jwksOf(key, next);
  expect(await identity.verify(signedToken(next, { ...accessClaims, ...times }))).toMatchObject({
    subject: 'sso#5a0c',
  });
});

it('keys that cannot be had are no fault of the token', async () => {
  const identity = cognito(async () => bytesOf({ message: 'Internal Server Error' }));
  const error = await identity
    .verify(signedToken(key, { ...accessClaims, ...times }))
    .catch((thrown: unknown) => thrown);
  expect(error).not.toHaveProperty('name', 'unauthenticated');
});

it('an issuer that is no user pool is told at the start', () => {
  const start = (wrong: string) => () => cognitoIdentity({ issuer: wrong, clientId: 'portal', provider: 'sso' });
  expect(start('https://evil.example/eu-central-1_Ab1Cd2Ef3')).toThrow('BERTH_ISSUER');
  expect(start('https://login.example')).toThrow('User Pool ID');
});
