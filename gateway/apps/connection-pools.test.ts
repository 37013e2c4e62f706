import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { atEnd, cleanUp } from '../testing/harness.ts';
import { AppHttpAgent } from './connection-pools.ts';

afterEach(cleanUp);

/** An HTTP agent for a server in this process; counts its connections. */
const givenAgent = async () => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  const { port } = server.address() as AddressInfo;
  const count = { opened: 0, open: 0 };
  const link = {
    connect: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      count.opened += 1;
      count.open += 1;
      socket.once('close', () => {
        count.open -= 1;
      });
      return socket;
    },
  };
  const agent = new AppHttpAgent(link, 'app.web');
  const ask = async () => {
    const [response] = await once(request({ agent, host: 'app.invalid' }).end(), 'response');
    expect(await text(response)).toBe('hello');
  };
  return { ask, count };
};

it('requests share connections', async () => {
  const { ask, count } = await givenAgent();
  for (let n = 0; n < 10; n += 1) await ask();
  expect(count.opened).toBe(1);
  await Promise.all(Array.from({ length: 40 }, ask));
  await Promise.all(Array.from({ length: 40 }, ask));
  expect(count.opened).toBeLessThanOrEqual(40);
});

it('an idle connection is closed before its app would close it', async () => {
  const { ask, count } = await givenAgent();
  await ask();
  const since = Date.now();
  await expect.poll(() => count.open).toBe(0);
  expect(Date.now() - since).toBeGreaterThan(1_300);
});
