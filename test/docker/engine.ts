import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';

/** Debian's client has BuildKit built in. Docker's own, which may precede it on the PATH, needs its buildx plugin. */
const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** Whether this machine can run a Docker engine for the tests, and build base images for it. */
export const canRunEngine = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && has(client) && ['dockerd', 'debootstrap'].every(has);

export interface Engine {
  /** Runs a command of the client. Resolves with its trimmed stdout; rejects with its stderr when it fails. */
  docker(...args: string[]): Promise<string>;
  /** The program and first arguments of each command, for tests that spawn the client themselves. */
  client: { file: string; args: string[] };
  stop(): Promise<void>;
}

/** The mount points in `folder`, innermost first. */
const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();

/**
 * Starts `dockerd` with its data and socket in `folder`. It does not change the machine's network: there is no bridge
 * and no iptables rule, so containers use the host's network or none.
 */
export const startEngine = async (folder: string): Promise<Engine> => {
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const data = join(folder, 'data');
  const logFile = openSync(join(folder, 'dockerd.log'), 'a+');
  const daemon = spawn(
    'dockerd',
    [
      ['--host', socket],
      ['--data-root', data],
      ['--exec-root', join(folder, 'exec')],
      ['--pidfile', join(folder, 'pid')],
      ['--bridge', 'none'],
      ['--iptables=false'],
    ].flat(),
    { stdio: ['ignore', logFile, logFile] },
  );
  closeSync(logFile);
  const ended = once(daemon, 'exit');
  const run = promisify(execFile);
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(client, ['--host', socket, ...args], {
      env: { ...process.env, DOCKER_BUILDKIT: '1' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim();
  };
  const failed = ended.then(([code]) => {
    throw new Error(`dockerd ended with ${code}:\n${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-2_000)}`);
  });
  await Promise.race([vi.waitFor(() => docker('version'), { timeout: 60_000, interval: 250 }), failed]);
  // From here on, `stop` waits for the end of the daemon.
  failed.catch(() => undefined);
  const stop = async () => {
    daemon.kill('SIGTERM');
    await ended;
    // dockerd leaves mounts behind: its network namespace, and on some machines its data folder.
    for (const point of mountsBelow(folder)) await run('umount', [point]);
  };
  return { docker, client: { file: client, args: ['--host', socket] }, stop };
};
