import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import type { AgentCredential } from '../common/settings.ts';
import { AgentAuthentication } from './authentication.ts';

interface ReceivedRequest {
  at: string;
  headers: Record<string, string>;
  body: string;
}
type TestResponse = { status: number; body: string };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
});

const givenServer = async (respond: (request: ReceivedRequest) => TestResponse) => {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = {
      at: `${incoming.method} ${incoming.url}`,
      headers: incoming.headers as Record<string, string>,
      body: await text(incoming),
    };
    requests.push(request);
    const { status, body } = respond(request);
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), requests };
};

const workspaceId = 'ws-01jd000000000000000000000a';
const withToken = () => ({ status: 200, body: '{"token":"of this build"}' });
const givenGateway = (respond: (request: ReceivedRequest) => TestResponse = withToken) => givenServer(respond);
const givenAuthentication = (gatewayUrl: URL, credential: AgentCredential) =>
  new AgentAuthentication({ gatewayUrl, workspaceId, credential });
const bodies = (requests: readonly ReceivedRequest[]) =>
  requests.map(({ body }) => JSON.parse(body) as Record<string, string>);
const oneTime: AgentCredential = { kind: 'one-time', token: 'once' };

it('in a pod sends the token that is in the file at that moment', async () => {
  const gateway = await givenGateway();
  const folder = temporaryFolder();
  const tokenFile = join(folder, 'token');
  const authentication = givenAuthentication(gateway.url, { kind: 'kubernetes', tokenFile });
  writeFileSync(tokenFile, 'first\n');
  expect(await authentication.token()).toEqual({ token: 'of this build' });
  expect(await authentication.token()).toEqual({ token: 'of this build' });
  writeFileSync(tokenFile, 'second\n');
  authentication.discardToken();
  await authentication.token();
  expect(gateway.requests.map(({ at }) => at)).toEqual(['POST /agent/sign-on', 'POST /agent/sign-on']);
  expect(bodies(gateway.requests)).toEqual([
    { kind: 'kubernetes', workspaceId, token: 'first' },
    { kind: 'kubernetes', workspaceId, token: 'second' },
  ]);
});

it('on an EC2 instance sends its identity document from IMDSv2, byte for byte', async () => {
  const gateway = await givenGateway();
  const document = '{\n  "instanceId" : "i-0123456789abcdef0"\n}';
  const metadata = await givenServer(({ at, headers }) => {
    if (at === 'PUT /latest/api/token') return { status: 200, body: 'session' };
    if (headers['x-aws-ec2-metadata-token'] !== 'session') return { status: 401, body: '' };
    return { status: 200, body: at.endsWith('/document') ? document : 'c2ln\nbmVk' };
  });
  await givenAuthentication(gateway.url, { kind: 'ec2', metadata: metadata.url }).token();
  expect(bodies(gateway.requests)).toEqual([{ kind: 'ec2', workspaceId, document, signature: 'c2ln\nbmVk' }]);
  expect(metadata.requests[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('60');
});

it('with a one-time token repeats the nonce of the process, and another process has another nonce', async () => {
  const gateway = await givenGateway();
  const authentication = givenAuthentication(gateway.url, oneTime);
  await authentication.token();
  authentication.discardToken();
  await authentication.token();
  await givenAuthentication(gateway.url, oneTime).token();
  const [first, repeated, other] = bodies(gateway.requests).map(({ nonce }) => nonce);
  expect(first).toMatch(/^[\w-]{43}$/);
  expect(repeated).toBe(first);
  expect(other).not.toBe(first);
});

it('is refused for good by a 401 only; other statuses are errors', async () => {
  const statuses = [503, 500, 404, 401];
  const gateway = await givenGateway(() => ({ status: statuses.shift() ?? 0, body: '{}' }));
  const authentication = givenAuthentication(gateway.url, oneTime);
  for (const status of [503, 500, 404]) await expect(authentication.token()).rejects.toThrow(String(status));
  expect(await authentication.token()).toEqual({ refused: 401 });
});

it('rejects a response that is too long', async () => {
  const gateway = await givenGateway(() => ({ status: 200, body: 'x'.repeat(100_000) }));
  await expect(givenAuthentication(gateway.url, oneTime).token()).rejects.toThrow('exceeds 16384 bytes');
});

it('allows one renewal of a rejected token until a token is accepted again', async () => {
  const gateway = await givenGateway();
  const authentication = givenAuthentication(gateway.url, oneTime);
  expect([authentication.discardToken(), authentication.discardToken()]).toEqual([true, false]);
  authentication.tokenAccepted();
  expect(authentication.discardToken()).toBe(true);
});
