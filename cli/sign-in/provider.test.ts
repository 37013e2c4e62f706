import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openInBrowser } from '../io/browser.ts';
import { beginSignIn } from './provider.ts';

const givenProvider = async (page: string): Promise<string> => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, authorization_endpoint: page }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return issuer;
};

const begin = async (page: string) =>
  beginSignIn({ issuer: await givenProvider(page), clientId: 'berth', scope: 'openid' }, 'http://localhost:1/callback');

test.each(['file:///tmp/program', 'smb://elsewhere/share', 'http://berth.example.com/auth'])(
  'refuses a provider whose authorization endpoint is %s',
  async (page) => {
    await expect(begin(page)).rejects.toThrow(/not an https URL/);
  },
);

test('accepts an authorization endpoint with https', async () => {
  expect((await begin('https://berth.example.com/auth')).url).toMatch(/^https:\/\/berth\.example\.com\/auth\?/);
});

test('opens only http and https URLs', async () => {
  expect(await openInBrowser('file:///tmp/program')).toBe(false);
});
