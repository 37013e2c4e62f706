import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** What it wrote to stderr. */
  errors: () => string;
  /** As a crash: nothing in the process gets to know. */
  kill: () => Promise<void>;
  /** As Ctrl-C. */
  stop: () => Promise<void>;
}

const server = join(import.meta.dirname, 'server.ts');

/** Starts Berth as its own process and waits until it is ready. */
export const givenServer = async (dataDir: string, templates: string, port = 0): Promise<ServerProcess> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', server, dataDir, String(port), templates],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^ready (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      return { url, child, errors: () => errors, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
    }
  }
  throw new Error(`Berth did not become ready:\n${errors}`);
};
