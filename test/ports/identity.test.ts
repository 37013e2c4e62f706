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
  subjectClaims: ['sub'],
  requiredClaims: ['iss', 'aud', 'scope'],
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
  username: 'Okta_ada@corp.example',
  'berth:provider': 'Okta',
  'berth:provider-user': 'ada@corp.example',
  'berth:groups': '[]',
};

identityContract('a Cognito user pool', (jwks) => ({
  identity: cognitoIdentity({
    issuer,
    clientId: 'portal',
    fetchJwks: async (uri) => {
      expect(uri).toBe(`${issuer}/.well-known/jwks.json`);
      return bytesOf(jwks);
    },
  }),
  claims: accessClaims,
  subject: 'Okta#ada@corp.example',
  idClaims: { iss: issuer, aud: 'portal', token_use: 'id', sub: '5a0c', 'cognito:username': 'Okta_ada@corp.example' },
  otherAudience: { client_id: 'other' },
  subjectClaims: ['berth:provider', 'berth:provider-user'],
  requiredClaims: ['iss', 'client_id', 'token_use', 'berth:groups'],
}));

const times = { iat: 1_700_000_000, exp: 4_000_000_000 };
const key = signingKey('first');

const oidcOf = (claims: object) =>
  oidcIdentity({ provider: 'local', ...oidc, jwks: jwksOf(key) }).verify(
    signedToken(key, { ...oidcClaims, ...times, ...claims }),
  );

it.each([false, 'false', 'true', 1, undefined])(
  'an email address with email_verified %j is ignored',
  async (email_verified) => {
    expect(await oidcOf({ email: 'ada@corp.example', email_verified })).not.toHaveProperty('email');
  },
);

it('a verified email address is used', async () => {
  expect(await oidcOf({ email: 'ada@corp.example', email_verified: true })).toHaveProperty('email', 'ada@corp.example');
});

const cognito = (fetchJwks: () => Promise<ArrayBuffer>) => cognitoIdentity({ issuer, clientId: 'portal', fetchJwks });
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

it('an email claim of the pool itself is ignored', async () => {
  const signIn = await cognitoOf({ email: 'ada@corp.example', email_verified: true });
  expect(signIn).toMatchObject({ name: 'Okta_ada@corp.example' });
  expect(signIn).not.toHaveProperty('email');
});

it('a token without an identity provider is refused with the reason', async () => {
  await expect(cognitoOf({ 'berth:provider': undefined, 'berth:provider-user': undefined })).rejects.toMatchObject({
    name: 'unauthenticated',
    message: expect.stringContaining('does not name exactly one identity provider'),
  });
});

it('the pool’s own subject is ignored: a person is the same in a new pool or with a new profile', async () => {
  const before = await cognitoOf({ sub: '5a0c8f1e-0b51-4a6b-8a46-2f1c3d6f0a11' });
  const after = await cognitoOf({ sub: '9d3e1c77-6e0e-4c39-9f0a-0f6f0b0d7c52' });
  expect(after.subject).toBe(before.subject);
});

it.each(['[1]', '{"a":1}', 'platform-admins', '[["platform-admins"]]', ''])(
  'a groups claim of %j is refused',
  async (groups) => {
    await expect(cognitoOf({ 'berth:groups': groups })).rejects.toMatchObject({ name: 'unauthenticated' });
  },
);

it('concurrent verifications fetch the keys once', async () => {
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

it('a new key of the pool is fetched', async () => {
  const next = signingKey('next');
  let keys = jwksOf(key);
  const identity = cognito(async () => bytesOf(keys));
  await identity.verify(signedToken(key, { ...accessClaims, ...times }));
  keys = jwksOf(key, next);
  expect(await identity.verify(signedToken(next, { ...accessClaims, ...times }))).toMatchObject({
    subject: 'Okta#ada@corp.example',
  });
});

it('a token is not refused if the keys cannot be fetched', async () => {
  const identity = cognito(async () => bytesOf({ message: 'Internal Server Error' }));
  const error = await identity
    .verify(signedToken(key, { ...accessClaims, ...times }))
    .catch((thrown: unknown) => thrown);
  expect(error).not.toHaveProperty('name', 'unauthenticated');
});

it('an issuer that is not a user pool throws at the start', () => {
  const start = (wrong: string) => () => cognitoIdentity({ issuer: wrong, clientId: 'portal' });
  expect(start('https://evil.example/eu-central-1_Ab1Cd2Ef3')).toThrow('BERTH_ISSUER');
  expect(start('https://login.example')).toThrow('User Pool ID');
});
