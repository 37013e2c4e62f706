import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { LinkHttpAgent } from './http-agents.ts';
import { atEnd, cleanUp } from './test-harness.ts';

afterEach(cleanUp);

/** A link to a server of this process, by connections that are counted. */
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
  const agent = new LinkHttpAgent(link, 'app.web');
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

it('a connection that waits goes before its app would drop it', async () => {
  const { ask, count } = await givenAgent();
  await ask();
  const since = Date.now();
  await expect.poll(() => count.open).toBe(0);
  expect(Date.now() - since).toBeGreaterThan(1_300);
});
