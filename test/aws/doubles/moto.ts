import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { venvPython } from './venv.ts';

export interface Moto {
  /** `http://127.0.0.1:<port>`, for every service. */
  endpoint: string;
  /** Deletes all resources, including those of other tests on the server. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Options for an SDK client of moto. */
export const motoClient = (endpoint: string) => ({
  endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  // On a busy machine moto needs seconds to load a service; a retried creation would find that the resource exists.
  requestTimeoutMs: 30_000,
});

const post = async (url: string, body?: object): Promise<void> => {
  const response = await fetch(url, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`moto returned status ${response.status} for ${url}`);
  await response.arrayBuffer();
};

/** Reads the endpoint from the log, because the system chooses the port. */
const endpointIn = async (log: Readable): Promise<string> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: log })) {
    const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (found !== undefined) return found;
    lines.push(line);
  }
  throw new Error(`moto ended before it listened: ${lines.slice(-3).join(' ')}`);
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

export interface MotoOptions {
  /**
   * Runs executions of Step Functions and calls their functions at this loopback port, through Lambda's API
   * (lambda.ts). By default, executions stay RUNNING.
   */
  lambdaPort?: number;
}

/**
 * Starts a moto server on a free loopback port, in an environment that is created when it is missing. Throws
 * `VenvUnavailable` on a machine without Python 3.
 */
export const startMoto = async ({ lambdaPort }: MotoOptions = {}): Promise<Moto> => {
  const python = await venvPython('moto');
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its workflow interpreter uses this port for all AWS APIs, including Lambda's.
    env: { PATH: process.env['PATH'], ...(lambdaPort === undefined ? {} : { MOTO_PORT: String(lambdaPort) }) },
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const endpoint = await endpointIn(child.stderr);
  // It logs every request, and a full pipe would block it.
  child.stderr.resume();
  await post(`${endpoint}/moto-api/config`, { stepfunctions: { execute_state_machine: lambdaPort !== undefined } });
  return {
    endpoint,
    reset: () => post(`${endpoint}/moto-api/reset`),
    stop: () => end(child),
  };
};
