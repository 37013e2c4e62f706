import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { rootCertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { kubernetesClient } from './client.ts';
import { eksAccess } from './eks-token.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the-secret-key', sessionToken: 'session+token/=' };

const givenAccess = (more: Partial<Parameters<typeof eksAccess>[0]> = {}) => {
  let now = Date.parse('2026-05-04T10:00:00Z');
  const access = eksAccess({
    cluster: 'berth',
    endpoint: 'https://cluster.example',
    ca: Buffer.from('ca').toString('base64'),
    region: 'eu-central-1',
    credentials,
    clock: () => new Date(now),
    ...more,
  });
  const token = async () => {
    const { headers } = (await access.connect?.()) ?? {};
    return String((headers as Record<string, string>)['authorization']);
  };
  return {
    token,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

const linkIn = (authorization: string): URL => {
  const [, encoded = ''] = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(authorization) ?? [];
  return new URL(Buffer.from(encoded, 'base64url').toString());
};

test('a token is a link to STS, signed for this cluster alone', async () => {
  const link = linkIn(await givenAccess().token());
  expect(link.origin + link.pathname).toBe('https://sts.eu-central-1.amazonaws.com/');
  const { 'X-Amz-Signature': signature, ...query } = Object.fromEntries(link.searchParams);
  expect(query).toEqual({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20260504/eu-central-1/sts/aws4_request',
    'X-Amz-Date': '20260504T100000Z',
    'X-Amz-Expires': '60',
    'X-Amz-Security-Token': 'session+token/=',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  });
  expect(signature).toMatch(/^[0-9a-f]{64}$/);
  expect(link.href).not.toContain('the-secret-key');
});

test('the cluster’s name is part of what is signed', async () => {
  const signatureFor = async (cluster: string) =>
    linkIn(await givenAccess({ cluster }).token()).searchParams.get('X-Amz-Signature');
  expect(await signatureFor('berth')).not.toBe(await signatureFor('another'));
});

test('a token is kept for 14 of its 15 minutes', async () => {
  const { token, pass } = givenAccess();
  const first = await token();
  pass(14 * 60_000 - 1);
  expect(await token()).toBe(first);
  pass(1);
  expect(await token()).not.toBe(first);
});

test('credentials that could not be had are asked for again', async () => {
  let asked = 0;
  const { token } = givenAccess({
    credentials: async () => {
      asked++;
      if (asked === 1) throw new Error('no credentials yet');
      return credentials;
    },
  });
  await expect(token()).rejects.toThrow('no credentials yet');
  expect(linkIn(await token()).hostname).toContain('sts');
});

/** Of a server that lives in this test alone: `openssl req -x509 -newkey ec -subj /CN=localhost -days 36500`. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY++gglZUBkRwrbYc
YZ2gwmmE7++QenD/O5J1O5fV58mhRANCAARyX2sEt4F94dI2lJnanNFFxkLMNm3E
YVPxpavyHh1Wds1Rbrbuq6Ws5/t1HCvSBV2P+bvmzwqminJDt+zNQdo3
-----END PRIVATE KEY-----`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUJm2MG6VjjY0sK72Mz2OB3HT6a68wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA2NDgwOFoYDzIxMjYxMDI4
MDY0ODA4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARyX2sEt4F94dI2lJnanNFFxkLMNm3EYVPxpavyHh1Wds1Rbrbuq6Ws
5/t1HCvSBV2P+bvmzwqminJDt+zNQdo3o28wbTAdBgNVHQ4EFgQUL/G3dIwybD/x
TmrZbVOZqfba0W0wHwYDVR0jBBgwFoAUL/G3dIwybD/xTmrZbVOZqfba0W0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAMjpqQlaK2O0AonK+xrj8ksw4fjgXxV+8uzxLMp1K0XMAiEA
nVz2Y3d0oh03Knr8hgMQPauGMt2JDhQWnNQeaKD7pBA=
-----END CERTIFICATE-----`;

/** A cluster with nothing in it; what it was shown by whoever asked. */
const givenServer = async () => {
  const shown: (string | undefined)[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    shown.push(request.headers.authorization);
    response.end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { shown, endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const podsOn = (endpoint: string, authority: string) => {
  const ca = Buffer.from(authority).toString('base64');
  const access = eksAccess({
    cluster: 'berth',
    endpoint,
    ca,
    region: 'eu-central-1',
    credentials,
    clock: () => new Date(),
  });
  return Array.fromAsync(kubernetesClient({ ...access, namespace: 'berth', pauseMs: 1 }).list('pods', {}));
};

test('the token is shown to the cluster that the given authority vouches for, and to no other', async () => {
  const { endpoint, shown } = await givenServer();
  expect(await podsOn(endpoint, certificate)).toEqual([]);
  expect(new Set(shown)).toEqual(new Set([expect.stringMatching(/^Bearer k8s-aws-v1\./)]));
  shown.length = 0;
  await expect(podsOn(endpoint, rootCertificates[0] ?? '')).rejects.toMatchObject({
    message: expect.stringContaining('did not respond'),
    cause: expect.objectContaining({ message: expect.stringContaining('certificate') }),
  });
  expect(shown).toEqual([]);
});
