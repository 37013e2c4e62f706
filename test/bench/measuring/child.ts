import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** Resolves with the address on the child's `ready` line. Throws with its stderr if it ends before. */
export const untilReady = async (child: Child): Promise<string> => {
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /^ready (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    // Continue to read, because a full pipe would block the child.
    child.stdout.resume();
    return url;
  }
  throw new Error(`Berth did not become ready:\n${errors}`);
};

/** Longer than Berth waits for its workspaces to end. */
const patienceMs = 30_000;

/** Ends a child with `send`, kills it after 30 s, and resolves when its output is closed. */
export const endChild = async (child: Child, send: (signal: NodeJS.Signals) => void): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  send('SIGTERM');
  const insist = setTimeout(() => send('SIGKILL'), patienceMs);
  await closed;
  clearTimeout(insist);
};
