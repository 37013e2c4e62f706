import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { patientFetch } from './connect.ts';

test('a server that takes the connection and never answers is not waited for without end', async () => {
  let asked = 0;
  const server = createServer(() => {
    asked += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(patientFetch(url, 60_000, 100)(url)).rejects.toThrow(`Berth does not answer at ${url}.`);
  expect(asked).toBe(1);
});
