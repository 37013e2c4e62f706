import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { WebSocket } from 'ws';
import type { ListeningPorts } from '../../contracts/sessions/session.ts';

/** Errors of reading /proc for a process that has ended or belongs to another user. */
const isUnreadable = (thrown: unknown): boolean =>
  ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(String((thrown as NodeJS.ErrnoException).code));

const readOrEmpty = <T>(read: () => T[]): T[] => {
  try {
    return read();
  } catch (thrown) {
    if (isUnreadable(thrown)) return [];
    throw thrown;
  }
};

/** `TCP_LISTEN` in the tables of proc_pid_net(5). */
const listenState = '0A';

/** The ports of all listening sockets by their inodes. */
const readListeners = (): Map<string, number> => {
  const lines = ['tcp', 'tcp6'].flatMap((table) =>
    readOrEmpty(() => readFileSync(`/proc/net/${table}`, 'latin1').split('\n').slice(1)),
  );
  const sockets = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === listenState);
  return new Map(
    sockets.map(([, local = '', , , , , , , , inode = '']) => [inode, Number.parseInt(local.split(':')[1] ?? '', 16)]),
  );
};

const readSocketInodes = (pid: number): string[] =>
  readOrEmpty(() => readdirSync(`/proc/${pid}/fd`)).flatMap((fd) =>
    readOrEmpty(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]).flatMap(
      (target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [],
    ),
  );

/**
 * The TCP ports on which these processes listen, sorted. Ports of other processes are skipped, because a workspace may
 * share its network with others. Without /proc the list is empty.
 */
export const listeningPorts = (pids: readonly number[]): number[] => {
  const ports = readListeners();
  if (ports.size === 0) return [];
  const found = pids.flatMap(readSocketInodes).flatMap((inode) => ports.get(inode) ?? []);
  return [...new Set(found)].sort((one, other) => one - other);
};

/** Each poll reads /proc for every process of the workspace. */
const pollMs = 2_000;
/** A client that did not respond to the last ping is gone, although its network reported nothing. */
const pollsPerPing = 15;

/** Sends a client the listening ports now and whenever they change, until it disconnects. */
export const streamListeningPorts = (socket: WebSocket, read: () => number[]): void => {
  let lastSent = '';
  let polls = 0;
  let hasResponded = true;
  const ping = (): void => {
    if (!hasResponded) socket.terminate();
    else socket.ping();
    hasResponded = false;
  };
  const poll = (): void => {
    const text = JSON.stringify({ type: 'ports', ports: read() } satisfies ListeningPorts);
    if (text !== lastSent) socket.send(text);
    lastSent = text;
    polls += 1;
    if (polls % pollsPerPing === 0) ping();
  };
  socket.on('pong', () => {
    hasResponded = true;
  });
  const timer = setInterval(poll, pollMs);
  socket.once('close', () => clearInterval(timer));
  // A close event follows.
  socket.on('error', () => undefined);
  poll();
};
