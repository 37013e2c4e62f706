import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { kubernetesIdentity } from './kubernetes.ts';

const cluster = generateKeyPairSync('rsa', { modulusLength: 2048 });
const issuer = 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';
const keyOf = (publicKey: KeyObject, kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' });

const requested: string[] = [];
const fetchJwks = async (uri: string): Promise<ArrayBuffer> => {
  requested.push(uri);
  const keys = JSON.stringify({ keys: [keyOf(cluster.publicKey, 'now')] });
  return new TextEncoder().encode(keys).buffer as ArrayBuffer;
};
const identityOf = () => kubernetesIdentity({ issuer, namespace: 'workspaces', fetchJwks });

const pod = 'ws-01kersm4a8n2v6c0q3x7z9t5fw-b3';
const seconds = () => Math.floor(Date.now() / 1000);

/** The claims of a token that the kubelet projects into a pod. */
const claimsOf = (change: object = {}) => ({
  aud: ['berth'],
  exp: seconds() + 600,
  iat: seconds(),
  iss: issuer,
  jti: '0f0f0f0f-0000-4000-8000-000000000000',
  'kubernetes.io': {
    namespace: 'workspaces',
    node: { name: 'i-0123456789abcdef0', uid: '1c1c1c1c-0000-4000-8000-000000000000' },
    pod: { name: pod, uid: '2d2d2d2d-0000-4000-8000-000000000000' },
    serviceaccount: { name: 'default', uid: '3e3e3e3e-0000-4000-8000-000000000000' },
  },
  nbf: seconds(),
  sub: 'system:serviceaccount:workspaces:default',
  ...change,
});

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const unsigned = (claims: object, header: object = {}) =>
  `${encoded({ alg: 'RS256', kid: 'now', ...header })}.${encoded(claims)}`;
const signed = (
  claims: object = claimsOf(),
  header: object = {},
  { privateKey } = cluster,
  hash = 'sha256',
): string => {
  const text = unsigned(claims, header);
  return `${text}.${createSign(hash).update(text).sign(privateKey, 'base64url')}`;
};

const refusal = expect.objectContaining({ name: 'agent_refused' });

it('identifies a pod by its token, and fetches the keys once', async () => {
  const identity = identityOf();
  requested.length = 0;
  expect(await identity(signed())).toEqual({ namespace: 'workspaces', pod });
  await identity(signed());
  expect(requested).toEqual([`${issuer}/keys`]);
});

const ofKubernetes = (change: object) => ({ 'kubernetes.io': { ...claimsOf()['kubernetes.io'], ...change } });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = cluster.publicKey.export({ type: 'spki', format: 'pem' });
const withHmac = (header: object) => {
  const text = unsigned(claimsOf(), header);
  return `${text}.${createHmac('sha256', publicPem).update(text).digest('base64url')}`;
};

it.each([
  ['alg none', `${unsigned(claimsOf(), { alg: 'none' })}.`],
  ['alg none with a signature', `${unsigned(claimsOf(), { alg: 'none' })}.${signed().split('.')[2]}`],
  ['HS256 with the public key', withHmac({ alg: 'HS256' })],
  ['RS512 with the right key', signed(claimsOf(), { alg: 'RS512' }, cluster, 'sha512')],
  ['a key that is not the cluster’s', signed(claimsOf(), {}, stranger)],
  ['a key that the token contains', signed(claimsOf(), { jwk: keyOf(stranger.publicKey, 'now') }, stranger)],
  ['keys at a URL that the token names', signed(claimsOf(), { jku: 'https://evil.example/keys' }, stranger)],
  ['an unknown key', signed(claimsOf(), { kid: 'other' }, stranger)],
  ['claims changed after signing', `${unsigned(claimsOf({ jti: 'x' }))}.${signed().split('.')[2]}`],
  ['an expired token', signed(claimsOf({ exp: seconds() - 60 }))],
  ['a token that is not yet valid', signed(claimsOf({ nbf: seconds() + 120 }))],
  ['a token for the cluster’s own API', signed(claimsOf({ aud: ['https://kubernetes.default.svc'] }))],
  ['a token without an audience', signed(claimsOf({ aud: [] }))],
  ['another cluster', signed(claimsOf({ iss: 'https://oidc.eks.eu-central-1.amazonaws.com/id/OTHER' }))],
  ['a pod of another namespace', signed(claimsOf({ ...ofKubernetes({ namespace: 'default' }) }))],
  ['a service account of another namespace', signed(claimsOf({ sub: 'system:serviceaccount:default:default' }))],
  ['a service account without a pod', signed(claimsOf({ ...ofKubernetes({ pod: undefined }) }))],
  ['a person', signed(claimsOf({ 'kubernetes.io': undefined, sub: 'kubernetes-admin' }))],
  ['no token at all', 'nonsense'],
])('refuses %s', async (_, token) => {
  requested.length = 0;
  await expect(identityOf()(token)).rejects.toEqual(refusal);
  expect(requested.filter((uri) => uri !== `${issuer}/keys`)).toEqual([]);
});

it('does not refuse a token if the keys cannot be fetched', async () => {
  const unavailable = async () => Promise.reject(new Error('the issuer is unavailable'));
  const identity = kubernetesIdentity({ issuer, namespace: 'workspaces', fetchJwks: unavailable });
  const thrown = (await identity(signed()).catch((error: unknown) => error)) as Error;
  expect(thrown.name).not.toBe('agent_refused');
  expect(thrown.message).toContain('unavailable');
});

it('keeps using the cached keys while tokens name unknown keys', async () => {
  const identity = identityOf();
  await identity(signed());
  await expect(identity(signed(claimsOf(), { kid: 'x' }, stranger))).rejects.toEqual(refusal);
  await expect(identity(signed(claimsOf(), { kid: 'y' }, stranger))).rejects.toThrow();
  expect(await identity(signed())).toMatchObject({ pod });
});
