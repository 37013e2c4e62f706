import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { runCli } from '../../support/clients/cli.ts';
import { type ConnectProxy, givenConnectProxy } from '../../support/doubles/connect-proxy.ts';
import { givenReverseProxy, type ReverseProxy } from '../../support/doubles/reverse-proxy.ts';

let berth: TestBerth;
let balancer: ReverseProxy;
let proxy: ConnectProxy;
beforeAll(async () => {
  berth = await givenBerth();
  balancer = await givenReverseProxy(berth.url);
  proxy = await givenConnectProxy('ada:secret');
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(async () => {
  proxy.close();
  balancer.close();
  await berth.end();
});

/** A host name that only the proxy resolves. */
const host = () => `berth.invalid:${balancer.port}`;
const run = (args: string[], env: Record<string, string> = {}) =>
  runCli(args, {
    BERTH_URL: `http://${host()}`,
    BERTH_TOKEN: berth.tokenOf('ada'),
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
    ...env,
  });

test('the API, sessions and the doctor go through the company’s proxy', async () => {
  expect(await run(['ls'])).toEqual({ code: 0, out: expect.stringContaining('demo'), err: '' });
  expect(await run(['exec', 'demo', '--', 'echo', 'through'])).toEqual({ code: 0, out: 'through\n', err: '' });
  const doctor = await run(['doctor']);
  expect(doctor).toMatchObject({ code: 0, out: expect.stringMatching(/ok +token [\s\S]*ok +gateway /) });
  expect(new Set(proxy.tunnels)).toEqual(new Set([host()]));
});

test('hosts in NO_PROXY are reached directly; an error names the proxy without its password', async () => {
  const before = proxy.tunnels.length;
  const direct = await run(['ls'], { NO_PROXY: 'other.example,berth.invalid' });
  expect(direct).toMatchObject({
    code: 1,
    err: expect.stringContaining('Could not reach Berth at http://berth.invalid'),
  });
  expect(direct.err).not.toContain('proxy');
  expect(proxy.tunnels).toHaveLength(before);

  const unreachable = await run(['ls'], { HTTP_PROXY: 'http://ada:secret@127.0.0.1:9' });
  expect(unreachable).toMatchObject({ code: 1, err: expect.stringContaining('through the proxy 127.0.0.1:9') });
  expect(unreachable.err).not.toContain('secret');
  const doctor = await run(['doctor'], { HTTP_PROXY: 'http://ada:secret@127.0.0.1:9' });
  expect(doctor.out).toMatch(/FAIL +address .*through the proxy 127\.0\.0\.1:9/);
});

test('a Berth on this machine is reached directly', async () => {
  const before = proxy.tunnels.length;
  expect(await run(['ls'], { BERTH_URL: berth.url })).toMatchObject({ code: 0 });
  expect(proxy.tunnels).toHaveLength(before);
});
