import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { TerminalConnection } from './connection.ts';

const megabyte = 1024 * 1024;

/** An agent that sends 40 MB to its first viewer and a screen to later ones, and records the input. */
const givenFlood = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'berth' });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const seen = { viewers: 0, typed: '' };
  server.on('connection', (socket) => {
    seen.viewers += 1;
    const isFirst = seen.viewers === 1;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) seen.typed += data.subarray(1).toString();
      else if (JSON.parse(data.toString()).type === 'start') {
        socket.send(JSON.stringify({ type: 'started', pid: 1, columns: 80, rows: 24 }));
        const pieces = isFirst
          ? Array.from({ length: 40 }, () => Buffer.alloc(megabyte, 1))
          : [Buffer.from('\u0001screen')];
        for (const piece of pieces) socket.send(piece);
        socket.send(JSON.stringify({ type: 'size', columns: isFirst ? 81 : 82, rows: 24 }));
      }
    });
  });
  vi.stubGlobal('location', { href: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  onTestFinished(() => void vi.unstubAllGlobals());
  return seen;
};

test('a page that does not render drops output beyond a limit, and rejoins once it has rendered the rest', async () => {
  const agent = await givenFlood();
  const waiting: (() => void)[] = [];
  const sizes: number[] = [];
  let [bytes, text, resumed] = [0, '', 0];
  const connection = new TerminalConnection({
    workspaceId: 'ws-1',
    terminal: 'main',
    size: () => ({ columns: 80, rows: 24 }),
    focused: () => true,
    ticket: async () => 'ticket',
    onOutput: (output, shown) => {
      bytes += output.length;
      text = Buffer.from(output.subarray(0, 10)).toString();
      waiting.push(shown);
    },
    onSize: ({ columns }) => void sizes.push(columns),
    onResume: () => {
      resumed += 1;
    },
    onUnsent: () => undefined,
    onState: () => undefined,
  });
  onTestFinished(() => connection.close());
  connection.connect();
  // The size follows the flood, so all of it has arrived.
  await expect.poll(() => sizes, { timeout: 20_000 }).toContain(81);
  expect(bytes).toBeLessThanOrEqual(6 * megabyte);
  connection.send('typed meanwhile');
  await expect.poll(() => agent.typed).toBe('typed meanwhile');
  expect(agent.viewers).toBe(1);
  for (const shown of waiting.splice(0)) shown();
  await expect.poll(() => sizes).toContain(82);
  expect([agent.viewers, resumed, text]).toEqual([2, 1, 'screen']);
});
