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
    advanceClock: (ms: number) => {
      now += ms;
    },
  };
};

const urlIn = (authorization: string): URL => {
  const [, encoded = ''] = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(authorization) ?? [];
  return new URL(Buffer.from(encoded, 'base64url').toString());
};

test('a token is a URL of STS, signed for one cluster', async () => {
  const url = urlIn(await givenAccess().token());
  expect(url.origin + url.pathname).toBe('https://sts.eu-central-1.amazonaws.com/');
  const { 'X-Amz-Signature': signature, ...query } = Object.fromEntries(url.searchParams);
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
  expect(url.href).not.toContain('the-secret-key');
});

test('the signature covers the cluster’s name', async () => {
  const signatureFor = async (cluster: string) =>
    urlIn(await givenAccess({ cluster }).token()).searchParams.get('X-Amz-Signature');
  expect(await signatureFor('berth')).not.toBe(await signatureFor('another'));
});

test('a token is cached for 14 of its 15 minutes', async () => {
  const { token, advanceClock } = givenAccess();
  const first = await token();
  advanceClock(14 * 60_000 - 1);
  expect(await token()).toBe(first);
  advanceClock(1);
  expect(await token()).not.toBe(first);
});

test('a failure to get credentials is not cached', async () => {
  let calls = 0;
  const { token } = givenAccess({
    credentials: async () => {
      calls++;
      if (calls === 1) throw new Error('no credentials yet');
      return credentials;
    },
  });
  await expect(token()).rejects.toThrow('no credentials yet');
  expect(urlIn(await token()).hostname).toContain('sts');
});

/** Used by this test only. Created with `openssl req -x509 -newkey ec -subj /CN=localhost -days 36500`. */
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

/** An empty cluster that records the authorization headers that it receives. */
const givenServer = async () => {
  const received: (string | undefined)[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    received.push(request.headers.authorization);
    response.end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
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

test('the token is sent only to a cluster with a certificate of the given authority', async () => {
  const { endpoint, received } = await givenServer();
  expect(await podsOn(endpoint, certificate)).toEqual([]);
  expect(new Set(received)).toEqual(new Set([expect.stringMatching(/^Bearer k8s-aws-v1\./)]));
  received.length = 0;
  await expect(podsOn(endpoint, rootCertificates[0] ?? '')).rejects.toMatchObject({
    message: expect.stringContaining('did not respond'),
    cause: expect.objectContaining({ message: expect.stringContaining('certificate') }),
  });
  expect(received).toEqual([]);
});
