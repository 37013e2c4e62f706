import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { toEvent } from './http-event.ts';

const eventOf = async (path: string) => {
  const server = createServer((request, response) => {
    toEvent(request).then((event) => response.end(JSON.stringify(event)));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get({ port, host: '127.0.0.1', path, agent: false }), 'response');
  return JSON.parse(String(await response.toArray()));
};

test('the query of an event includes further question marks', async () => {
  expect(await eventOf('/api/x?cursor=a?b&limit=2')).toMatchObject({
    rawPath: '/api/x',
    rawQueryString: 'cursor=a?b&limit=2',
    queryStringParameters: { cursor: 'a?b', limit: '2' },
  });
  expect(await eventOf('/api/x')).toMatchObject({ rawPath: '/api/x', rawQueryString: '', queryStringParameters: {} });
  expect(await eventOf('/api/x?')).toMatchObject({ rawPath: '/api/x', rawQueryString: '' });
});
