import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { type Proof, SignOn } from './sign-on.ts';

interface Asked {
  at: string;
  headers: Record<string, string>;
  body: string;
}
type Answer = { status: number; body: string };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
});

const givenServer = async (answer: (asked: Asked) => Answer) => {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, response) => {
    const one = {
      at: `${incoming.method} ${incoming.url}`,
      headers: incoming.headers as Record<string, string>,
      body: await text(incoming),
    };
    asked.push(one);
    const { status, body } = answer(one);
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), asked };
};

const workspaceId = 'ws-01jd000000000000000000000a';
const welcome = () => ({ status: 200, body: '{"token":"of this build"}' });
const givenGateway = (answer: (asked: Asked) => Answer = welcome) => givenServer(answer);
const signOnWith = (gatewayUrl: URL, proof: Proof) => new SignOn({ gatewayUrl, workspaceId, proof });
const bodies = (asked: readonly Asked[]) => asked.map(({ body }) => JSON.parse(body) as Record<string, string>);
const oneTime: Proof = { kind: 'one-time', token: 'once' };

it('in a pod shows the token that its file holds at that moment', async () => {
  const gateway = await givenGateway();
  const folder = temporaryFolder();
  const tokenFile = join(folder, 'token');
  const signOn = signOnWith(gateway.url, { kind: 'kubernetes', tokenFile });
  writeFileSync(tokenFile, 'first\n');
  expect(await signOn.token()).toEqual({ token: 'of this build' });
  expect(await signOn.token()).toEqual({ token: 'of this build' });
  writeFileSync(tokenFile, 'second\n');
  signOn.renew();
  await signOn.token();
  expect(gateway.asked.map(({ at }) => at)).toEqual(['POST /agent/sign-on', 'POST /agent/sign-on']);
  expect(bodies(gateway.asked)).toEqual([
    { kind: 'kubernetes', workspaceId, token: 'first' },
    { kind: 'kubernetes', workspaceId, token: 'second' },
  ]);
});

it('on a machine shows its identity document, read by IMDSv2, byte for byte', async () => {
  const gateway = await givenGateway();
  const document = '{\n  "instanceId" : "i-0123456789abcdef0"\n}';
  const metadata = await givenServer(({ at, headers }) => {
    if (at === 'PUT /latest/api/token') return { status: 200, body: 'session' };
    if (headers['x-aws-ec2-metadata-token'] !== 'session') return { status: 401, body: '' };
    return { status: 200, body: at.endsWith('/document') ? document : 'c2ln\nbmVk' };
  });
  await signOnWith(gateway.url, { kind: 'ec2', metadata: metadata.url }).token();
  expect(bodies(gateway.asked)).toEqual([{ kind: 'ec2', workspaceId, document, signature: 'c2ln\nbmVk' }]);
  expect(metadata.asked[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('60');
});

it('with a one-time token asks again as the same process, and another process as another', async () => {
  const gateway = await givenGateway();
  const signOn = signOnWith(gateway.url, oneTime);
  await signOn.token();
  signOn.renew();
  await signOn.token();
  await signOnWith(gateway.url, oneTime).token();
  const [first, again, another] = bodies(gateway.asked).map(({ nonce }) => nonce);
  expect(first).toMatch(/^[\w-]{43}$/);
  expect(again).toBe(first);
  expect(another).not.toBe(first);
});

it('is refused for good by a 401; anything else is no answer yet', async () => {
  const answers = [503, 500, 404, 401];
  const gateway = await givenGateway(() => ({ status: answers.shift() ?? 0, body: '{}' }));
  const signOn = signOnWith(gateway.url, oneTime);
  for (const status of [503, 500, 404]) await expect(signOn.token()).rejects.toThrow(String(status));
  expect(await signOn.token()).toEqual({ refused: 401 });
});

it('does not take an answer without end', async () => {
  const gateway = await givenGateway(() => ({ status: 200, body: 'x'.repeat(100_000) }));
  await expect(signOnWith(gateway.url, oneTime).token()).rejects.toThrow('more than 16384 bytes');
});

it('says once that a refused token is worth renewing, until one is taken again', async () => {
  const gateway = await givenGateway();
  const signOn = signOnWith(gateway.url, oneTime);
  expect([signOn.renew(), signOn.renew()]).toEqual([true, false]);
  signOn.accepted();
  expect(signOn.renew()).toBe(true);
});
