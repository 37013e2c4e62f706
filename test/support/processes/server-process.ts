import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, createClient } from '../../../contracts/client/client.ts';

export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** A client with the API token of a local person. */
  as: (person: string) => Client;
  tokenOf: (person: string) => string;
  /** Returns its output on stderr so far. */
  errors: () => string;
  /** Ends it with SIGKILL, so that no handler in it runs. */
  kill: () => Promise<void>;
  /** Ends it with SIGTERM. */
  stop: () => Promise<void>;
}

const server = join(import.meta.dirname, 'server.ts');

/** Starts Berth as a process of its own and waits until it is ready. */
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
  const tokenOf = (person: string): string => {
    const tokens = JSON.parse(readFileSync(join(dataDir, 'dev-tokens.json'), 'utf8')) as Record<string, string>;
    return tokens[person] ?? '';
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^ready (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      return {
        url,
        child,
        as: (person) => createClient({ baseUrl: url, token: () => tokenOf(person) }),
        tokenOf,
        errors: () => errors,
        kill: () => end('SIGKILL'),
        stop: () => end('SIGTERM'),
      };
    }
  }
  throw new Error(`Berth did not become ready:\n${errors}`);
};
