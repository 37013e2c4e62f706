import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { watchHeartbeat } from './heartbeat.ts';

/** Long enough that a busy machine does not make the gateway silent for two of these. */
const intervalMs = 800;

/**
 * A gateway in its own thread. At each interval it sends a ping that announces the interval, or bytes, until it is
 * silenced.
 */
const gateway = `
  const { parentPort, workerData: { sends, intervalMs } } = require('node:worker_threads');
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => parentPort.postMessage(server.address().port));
  server.on('connection', (socket) => {
    socket.ping(String(intervalMs));
    const timer = setInterval(() => (sends === 'pings' ? socket.ping(String(intervalMs)) : socket.send('bytes')), intervalMs);
    parentPort.once('message', () => clearInterval(timer));
  });
`;

const undo: (() => unknown)[] = [];
afterEach(() => Promise.all(undo.splice(0).map((end) => end())));

const givenConnection = async (sends: 'pings' | 'bytes') => {
  const worker = new Worker(gateway, { eval: true, workerData: { sends, intervalMs } });
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
  watchHeartbeat(socket, () => undefined);
  await once(socket, 'open');
  return { socket, pings: () => pings, messages: () => messages, silence: () => worker.postMessage('silence') };
};

const isOpen = (socket: WebSocket) => socket.readyState === WebSocket.OPEN;

it('disconnects from a gateway that is silent for two ping intervals', async () => {
  const { socket, pings, silence } = await givenConnection('pings');
  await expect.poll(pings).toBeGreaterThan(1);
  expect(isOpen(socket)).toBe(true);
  silence();
  await once(socket, 'close');
});

it('treats any bytes as a sign of life', async () => {
  const { socket, messages } = await givenConnection('bytes');
  await expect.poll(messages).toBeGreaterThan(3);
  expect(isOpen(socket)).toBe(true);
});

it('reads what arrived while the process was blocked before it checks for silence', async () => {
  const { socket, pings } = await givenConnection('pings');
  await expect.poll(pings).toBeGreaterThan(1);
  const before = pings();
  // After this turn has read its input and before the timers of the next turn.
  await setImmediate();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3.75 * intervalMs);
  await expect.poll(pings).toBeGreaterThan(before + 2);
  expect(isOpen(socket)).toBe(true);
});
