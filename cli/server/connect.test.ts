import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { fetchWithRetry } from './connect.ts';

test('a request to a server that never responds times out and is not repeated', async () => {
  let requests = 0;
  const server = createServer(() => {
    requests += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(fetchWithRetry(url, 60_000, 1_000)(url)).rejects.toThrow(`Could not reach Berth at ${url}.`);
  expect(requests).toBe(1);
});
