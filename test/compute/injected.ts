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

/** Debian's other busybox needs a C library, which it names at its beginning. */
const isStatic = (file: string): boolean =>
  existsSync(file) && !readFileSync(file).subarray(0, 4_096).includes('/ld-linux');

const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'];
const runs = (file: string, ...args: string[]): boolean => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

/** Whether this machine can make a container out of a folder: namespaces, and the programs that fill it. */
export const canInject = (): boolean =>
  process.platform === 'linux' &&
  isStatic(busybox) &&
  runs('patchelf', '--version') &&
  runs('unshare', ...namespaces, 'unshare', '--user', '--map-user=4711', 'mount', '--version');
export const hasMusl = (): boolean => existsSync(muslLoader);

/** `/berth` as the agent image has it, in a folder of this machine. */
export const assemble = async (...options: string[]): Promise<string> => {
  const folder = temporaryFolder();
  const assembler = join(root, 'agent', 'image', 'assemble.ts');
  await promisify(execFile)(process.execPath, [assembler, folder, ...options]);
  return folder;
};

/** What an image brings. */
export interface Image {
  /** A static shell, `/bin/sh`. */
  shell?: boolean;
  /** The C library that musl's programs look for. */
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
  /** What it says on stdout and stderr, once it ended. */
  said: Promise<string>;
  ended: Promise<number | null>;
}

/** Runs a command of a container, by default as its root. */
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
  const said = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, said, ended };
};
