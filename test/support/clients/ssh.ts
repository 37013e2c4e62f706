import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { TestBerth } from '../berth.ts';
import { openTcpProxy } from '../doubles/tcp-proxy.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export const isInstalled = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const cli = join(import.meta.dirname, '../../../cli/main.ts');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Waits for the end of a program. Returns its output and exit code. */
export const ended = async (child: ChildProcess, input?: string | Buffer): Promise<Ended> => {
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  if (input !== undefined) child.stdin?.end(input);
  const [out, err, [code]] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, out, err };
};

/** A person's machine: a home of its own where `berth config-ssh` was run, and the real OpenSSH client. */
export interface Machine {
  home: string;
  env: Record<string, string>;
  /** Arguments that make ssh, scp and sftp use this home's configuration. */
  config: string[];
  berth(...args: string[]): ChildProcess;
  run(program: string, args: string[], options?: SpawnOptions): ChildProcess;
  ssh(...args: string[]): ChildProcess;
}

export const givenMachine = (berth: TestBerth, person = 'ada', token = berth.tokenOf(person)): Machine => {
  const home = temporaryFolder();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BERTH_URL: berth.url,
    BERTH_TOKEN: token,
    LC_BERTH: 'kept',
  };
  execFileSync(process.execPath, [cli, 'config-ssh'], { env });
  const config = ['-F', join(home, '.ssh', 'config')];
  const run = (program: string, args: string[], options: SpawnOptions = {}) =>
    spawn(program, args, { env, ...options });
  return {
    home,
    env,
    config,
    run,
    berth: (...args) => run(process.execPath, [cli, ...args]),
    ssh: (...args) => run('ssh', [...config, ...args]),
  };
};

/** A TCP proxy to Berth that can be cut. */
export const givenTcpProxy = async (to: string) => {
  const proxy = await openTcpProxy(Number(to));
  onTestFinished(proxy.close);
  return proxy;
};
