import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { endChild, untilReady } from '../measuring/child.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { percentile } from '../measuring/percentile.ts';

const connections = 10_000;
/** No more connections at once than fit into the listen backlog. */
const atOnce = 250;
const requestCount = 2_000;

const residentMb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000;

const head = 'GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n';

/** A connection that has carried one request and is kept alive by both ends. */
const givenIdle = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(head);
  await once(socket, 'data');
  return socket;
};

/** How long one more request takes, in ms. */
const sendRequest = async (socket: Socket): Promise<number> => {
  const begin = performance.now();
  socket.write(head);
  await once(socket, 'data');
  return performance.now() - begin;
};

/** A gateway replica with ten thousand idle kept-alive connections. */
export const idleConnections: Benchmark = {
  name: 'idle-connections',
  run: async () => {
    const file = join(import.meta.dirname, 'idle-gateway.ts');
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'] });
    const sockets: Socket[] = [];
    try {
      const port = Number(new URL(await untilReady(child)).port);
      const warm = await givenIdle(port);
      for (let times = 0; times < requestCount; times += 1) await sendRequest(warm);
      const before = residentMb(child.pid);
      while (sockets.length < connections) {
        sockets.push(...(await Promise.all(Array.from({ length: atOnce }, () => givenIdle(port)))));
      }
      const added = residentMb(child.pid) - before;
      const times: number[] = [];
      for (let more = 0; more < requestCount; more += 1) times.push(await sendRequest(warm));
      note(
        `idle-connections: ${connections} kept open after a request each; the replica had ${before.toFixed(0)} MB before`,
      );
      warm.destroy();
      return [
        atMost('idle-connections-memory', added, 'MB', 200),
        atMost('beside-idle-connections-p99', percentile(times, 99), 'ms', 5),
      ];
    } finally {
      for (const socket of sockets) socket.destroy();
      await endChild(child, (signal) => child.kill(signal));
    }
  },
};
