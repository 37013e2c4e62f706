import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atEnd, cleanUp } from '../testing/harness.ts';
import { AppHttpAgent } from './connection-pools.ts';

// So that the idle timeout depends on the test alone and not on how busy the machine is.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

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
  const send = async () => {
    const [response] = await once(request({ agent, host: 'app.invalid' }).end(), 'response');
    expect(await text(response)).toBe('hello');
  };
  return { send, count };
};

it('requests share connections', async () => {
  const { send, count } = await givenAgent();
  for (let n = 0; n < 10; n += 1) await send();
  expect(count.opened).toBe(1);
  await Promise.all(Array.from({ length: 40 }, send));
  await Promise.all(Array.from({ length: 40 }, send));
  expect(count.opened).toBeLessThanOrEqual(40);
});

it('an idle connection is closed before its app would close it', async () => {
  const { send, count } = await givenAgent();
  await send();
  // The connection is idle only after the agent has handled the end of the response.
  await turn();
  vi.advanceTimersByTime(1_499);
  await send();
  expect(count).toEqual({ opened: 1, open: 1 });
  await turn();
  vi.advanceTimersByTime(1_500);
  await expect.poll(() => count.open).toBe(0);
});
