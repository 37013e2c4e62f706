import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const script = join(import.meta.dirname, 'injected.sh');
const [busybox, muslLoader] = ['/bin/busybox', '/lib/ld-musl-x86_64.so.1'];

/** Debian's package `busybox` is linked dynamically: its ELF header names the loader. */
const isStatic = (file: string): boolean =>
  existsSync(file) && !readFileSync(file).subarray(0, 4_096).includes('/ld-linux');

const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'];
const succeeds = (file: string, ...args: string[]): boolean => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

/** Whether this machine can run a folder as a container: user namespaces, and the programs that the images need. */
export const canInject = (): boolean =>
  process.platform === 'linux' &&
  isStatic(busybox) &&
  succeeds('patchelf', '--version') &&
  succeeds('unshare', ...namespaces, 'unshare', '--user', '--map-user=4711', 'mount', '--version');
export const hasMusl = (): boolean => existsSync(muslLoader);

/** Assembles `/berth` of the agent's image in a temporary folder. */
export const assemble = async (...options: string[]): Promise<string> => {
  const folder = temporaryFolder();
  const assembler = join(root, 'agent', 'image', 'assemble.ts');
  await promisify(execFile)(process.execPath, [assembler, folder, ...options]);
  return folder;
};

/** What an image contains. */
export interface Image {
  /** A static shell, `/bin/sh`. */
  shell?: boolean;
  /** The musl C library. */
  musl?: boolean;
  folders?: string[];
}

export const givenImage = ({ shell = false, musl = false, folders = [] }: Image): string => {
  const folder = temporaryFolder();
  for (const made of ['dev', 'proc', 'berth', ...folders]) mkdirSync(join(folder, made), { recursive: true });
  if (shell) {
    mkdirSync(join(folder, 'bin'));
    copyFileSync(busybox, join(folder, 'bin', 'busybox'));
    for (const name of ['sh', 'cat', 'id', 'echo', 'ls']) symlinkSync('busybox', join(folder, 'bin', name));
  }
  if (musl) {
    mkdirSync(join(folder, 'lib'));
    copyFileSync(muslLoader, join(folder, 'lib', 'ld-musl-x86_64.so.1'));
    symlinkSync('ld-musl-x86_64.so.1', join(folder, 'lib', 'libc.musl-x86_64.so.1'));
  }
  return folder;
};

export interface Container {
  child: ChildProcess;
  /** Stdout and stderr. Resolves when it has ended. */
  output: Promise<string>;
  ended: Promise<number | null>;
}

/** Runs a command in a container, by default as root. */
export const runIn = (
  image: string,
  agent: string,
  command: string[],
  { user = 0, readOnly = false, env = {} }: { user?: number; readOnly?: boolean; env?: Record<string, string> } = {},
): Container => {
  const args = [image, agent, readOnly ? 'ro' : 'rw', String(user), ...command];
  const child = spawn('unshare', [...namespaces, 'sh', script, ...args], {
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output, ended };
};
