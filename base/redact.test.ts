import { randomBytes } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { redactSecrets } from './redact.ts';

const secret256 = () => `aB${randomBytes(32).toString('base64url').slice(2)}`;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const part = () => randomBytes(24).toString('base64url');

const awsSecretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const refreshToken = `eyJjdHkiOiJKV1QifQ.${part()}.${part()}.${part()}.${part()}`;
const signature = hex(32);
const securityToken = 'IQoJb3JpZ2luX2VjEAEaCXVzLWVhc3QtMSJHMEUCIQD';

/**
 * Secrets, and texts that quote them. `test/architecture/logs.test.ts` covers the secrets that Berth's own code
 * creates.
 */
const cases: [name: string, secret: string, text: string][] = [
  ['an encrypted refresh token of Cognito', refreshToken.slice(20), `grant with ${refreshToken} refused`],
  [
    'a token encrypted without a key part',
    'c2lnbmF0dXJlLW9mLWl0',
    'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.c2lnbmF0dXJlLW9mLWl0',
  ],
  [
    'an authorization code',
    'c0dE-of-an-OIDC-provider-',
    `redirect ?code=${'c0dE-of-an-OIDC-provider-'.padEnd(43, 'x')}&state=1`,
  ],
  ['an AWS access key id', 'AKIAIOSFODNN7EXAMPLE', 'the key AKIAIOSFODNN7EXAMPLE is unknown'],
  ['a temporary AWS access key id', 'ASIAIOSFODNN7EXAMPLE', '{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE"}'],
  ['an AWS secret key in an environment', awsSecretKey, `AWS_SECRET_ACCESS_KEY=${awsSecretKey} node`],
  ['an AWS secret key in JSON', awsSecretKey, `{"SecretAccessKey":"${awsSecretKey}"}`],
  ['an AWS secret key in JSON within JSON', awsSecretKey, JSON.stringify(`{"secretAccessKey": "${awsSecretKey}"}`)],
  ['an AWS session token', securityToken, `aws_session_token = ${securityToken}`],
  ['the signature of a signed URL', signature, `https://sts.amazonaws.com/?X-Amz-Date=1&X-Amz-Signature=${signature}`],
  ['the signature of a signed request', signature, `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${signature}`],
  [
    'the session token of a signed URL',
    securityToken,
    `?X-Amz-Security-Token=${securityToken}&Action=GetCallerIdentity`,
  ],
  ['a token for EKS', 'aHR0cHM6Ly9zdHMu', 'bearer of k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbQ'],
  ['an OIDC client secret in a form', 'correct-horse', 'client_id=a&client_secret=correct-horse&scope=openid'],
  ['an OIDC client secret in JSON', 'correct-horse', '{ "clientSecret": "correct-horse" }'],
  ['an opaque access token in JSON', 'opaque-1', '{"access_token":"opaque-1","token_type":"bearer"}'],
  ['a PKCE verifier', 'short-verifier', 'code_verifier=short-verifier&x=1'],
  ['a password in a setting', 'correct-horse', 'password: correct-horse'],
  ['a password of several words', 'battery staple', '{"password":"correct \\"horse\\" battery staple"}'],
  ['a password that Kubernetes quotes', 'horse', 'auth.password: Invalid value: "correct horse": must be longer'],
  ['a token that Kubernetes does not find', 'opaque-1', 'auth.idToken: Not found: "opaque-1"'],
  ['a password that begins like a message of Kubernetes', 'correct-horse', 'password=Required-correct-horse'],
  ['a user and a password in a URL', 'ada:correct-horse', 'git clone https://ada:correct-horse@git.example/x.git'],
  [
    'a PEM that is cut off',
    'b3BlbnNzaC1rZXktdjEAAAAA',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n',
  ],
  ['a secret of 256 bits', 'unguessable', `x ${`unguessable${secret256()}`.slice(0, 43)} y`],
];

describe('redacts', () => {
  test.each(cases)('%s', (_, secret, text) => {
    expect(text).toContain(secret);
    expect(redactSecrets(text)).toContain('[secret]');
    expect(redactSecrets(text)).not.toContain(secret);
  });
});

it('redacts the same text the same way again', () => {
  for (const [, , text] of cases) expect(redactSecrets(redactSecrets(text))).toBe(redactSecrets(text));
});

describe('does not change', () => {
  test.each([
    'workspace ws-01jd000000000000000000000a build ws-01jd000000000000000000000a-2',
    'commit 4e1243bd22c66e76c2ba9eddc1f91394e57f9f83',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:berth-oidc-AbCdEf',
    'signIn.oidc.clientSecret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:berth-oidc',
    'https://git.example/ada/x.git, ssh://git@host/x',
    'a-very-long-name-with-many-hyphens-and-words-in-it',
    'the access token is over, and the password was not changed',
    'Pod "x" is invalid: [auth.password: Required value, auth.accessToken: Required value: is missing]',
    'password: Invalid value: ""',
  ])('%s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });
});
