import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { watchPings } from './heartbeat.ts';

/** A gateway in a thread of its own: it pings (or talks) every 400 ms, saying that the next comes then, until it is told to stop. */
const gateway = `
  const { parentPort, workerData: { says } } = require('node:worker_threads');
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => parentPort.postMessage(server.address().port));
  server.on('connection', (socket) => {
    socket.ping('400');
    const timer = setInterval(() => (says === 'pings' ? socket.ping('400') : socket.send('bytes')), 400);
    parentPort.once('message', () => clearInterval(timer));
  });
`;

const undo: (() => unknown)[] = [];
afterEach(() => Promise.all(undo.splice(0).map((end) => end())));

const givenConnection = async (says: 'pings' | 'bytes') => {
  const worker = new Worker(gateway, { eval: true, workerData: { says } });
  undo.push(() => worker.terminate());
  const [port] = await once(worker, 'message');
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  undo.push(() => socket.terminate());
  let pings = 0;
  let messages = 0;
  socket.on('ping', () => {
    pings += 1;
  });
  socket.on('message', () => {
    messages += 1;
  });
  watchPings(socket, () => undefined);
  await once(socket, 'open');
  return { socket, pings: () => pings, messages: () => messages, hush: () => worker.postMessage('hush') };
};

const isOpen = (socket: WebSocket) => socket.readyState === WebSocket.OPEN;

it('leaves a gateway that says nothing for two pings', async () => {
  const { socket, pings, hush } = await givenConnection('pings');
  await expect.poll(pings).toBeGreaterThan(1);
  expect(isOpen(socket)).toBe(true);
  hush();
  await once(socket, 'close');
});

it('takes any bytes for a sign of life', async () => {
  const { socket, messages } = await givenConnection('bytes');
  await expect.poll(messages).toBeGreaterThan(3);
  expect(isOpen(socket)).toBe(true);
});

it('reads what came while it was held up itself, before it judges', async () => {
  const { socket, pings } = await givenConnection('pings');
  await expect.poll(pings).toBeGreaterThan(1);
  const before = pings();
  // After the turn's reading and before the next turn's timers.
  await setImmediate();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  await expect.poll(pings).toBeGreaterThan(before + 2);
  expect(isOpen(socket)).toBe(true);
});
