import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { log } from '../common/log.ts';
import type { Environment } from './environment.ts';
import { writeLoginFiles } from './login-files.ts';

export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (thrown) {
    // Absent, or not executable for this user.
    if (thrown instanceof Error && 'code' in thrown) return false;
    throw thrown;
  }
};

const findInPath = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** The shell that runs scripts: bash if the image has it. */
export const scriptShell = (env: Environment): string => findInPath('bash', env['PATH'] ?? '') ?? '/bin/sh';

/** The shell in the user's /etc/passwd entry, which `chsh` changes; `undefined` without an entry. */
const shellFromPasswd = (): string | undefined => {
  try {
    return userInfo().shell ?? undefined;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
};

/** Programs that /etc/passwd names for accounts without a login. */
const nonShells = ['nologin', 'false', 'true', 'sync'];

const isUsableShell = (path: string | undefined): path is string =>
  path?.startsWith('/') === true && !nonShells.includes(basename(path)) && isExecutable(path);

/** The login shell: the current one of /etc/passwd, else `SHELL`, else bash or sh. */
const findLoginShell = (env: Environment): string | undefined =>
  [shellFromPasswd(), env['SHELL'], scriptShell(env)].find(isUsableShell);

/** Sets `SHELL` to the current login shell, which may have changed since the workspace started. */
export const withShell = (env: Environment): Environment => {
  const shell = findLoginShell(env);
  return shell === undefined ? env : { ...env, SHELL: shell };
};

const loginShell = (env: Environment): string => {
  const shell = findLoginShell(env);
  if (shell !== undefined) return shell;
  throw new Error(
    'The workspace has no shell: its image contains neither bash nor /bin/sh. Run a program by its path, for example "berth exec NAME -- /berth/bin/node", or ask your template’s author for an image with a shell.',
  );
};

interface Program {
  file: string;
  args: string[];
  env: Environment;
}

/** Adds the folders of the workspace's PATH that fish's PATH lacks. */
const fishRestorePath =
  'for folder in (string split : -- $BERTH_LOGIN_PATH)[-1..1]; contains -- $folder $PATH; or set -gx PATH $folder $PATH; end; set -e BERTH_LOGIN_PATH';

/** Points a variable that names a startup file at ours, and saves its old value for that file to restore. */
const sourceByVariable = (name: string, file: string, env: Environment): Environment => {
  const { [name]: original } = env;
  return { ...env, [name]: file, ...(original === undefined ? {} : { [`BERTH_LOGIN_${name}`]: original }) };
};

/**
 * Starts the person's shell as a login shell without letting the system profile replace the workspace's PATH
 * (decision 25). An unknown shell is started with `-l` only.
 */
const loginKeepingPath = (file: string, base: Environment, runDir: string, onTerminal: boolean): Program => {
  const plain = { ...base, SHELL: file };
  const env = { ...plain, BERTH_LOGIN_PATH: base['PATH'] ?? '' };
  switch (basename(file)) {
    case 'bash': {
      const script = join(writeLoginFiles(runDir), 'bash');
      if (onTerminal) return { file, args: ['--rcfile', script], env };
      return { file, args: [], env: sourceByVariable('BASH_ENV', script, env) };
    }
    case 'sh':
    case 'dash':
    case 'ash': {
      const script = join(writeLoginFiles(runDir), 'sh');
      if (onTerminal) return { file, args: ['-i'], env: sourceByVariable('ENV', script, env) };
      return { file, args: ['-c', '. "$1"; exec "$0"', file, script], env };
    }
    case 'zsh':
      return { file, args: ['-l'], env: sourceByVariable('ZDOTDIR', writeLoginFiles(runDir), env) };
    case 'fish': {
      const args = ['-l', '-C', fishRestorePath];
      if (onTerminal) return { file, args, env };
      // fish does not read from a socket, and Node makes stdin of a child a socket.
      return { file: '/bin/sh', args: ['-c', 'cat | "$@"', 'sh', file, ...args], env };
    }
    default:
      return { file, args: ['-l'], env: plain };
  }
};

/** Falls back to a plain login shell when the disk is full or read-only: the person needs a shell to make room. */
const loginProgram = (env: Environment, runDir: string, onTerminal: boolean): Program => {
  const file = loginShell(env);
  try {
    return loginKeepingPath(file, env, runDir, onTerminal);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    log(`a login shell may lack folders of PATH, because its startup files could not be written: ${thrown.message}`);
    return { file, args: ['-l'], env: { ...env, SHELL: file } };
  }
};

interface ProgramOptions {
  env: Environment;
  /** The agent's own directory. */
  runDir: string;
  onTerminal: boolean;
}

/**
 * What a session runs: its command, or the person's login shell. Throws a message for the person when there is no
 * shell.
 */
export const sessionProgram = (
  command: readonly string[] | undefined,
  { env, runDir, onTerminal }: ProgramOptions,
): Program => {
  const [file, ...args] = command ?? [];
  return file === undefined ? loginProgram(env, runDir, onTerminal) : { file, args, env: withShell(env) };
};

/**
 * What an SSH session runs: the login shell, with `-c` if there is a command. Throws a message for the person when
 * there is no shell.
 */
export const sshProgram = (command: string | undefined, { env, runDir, onTerminal }: ProgramOptions): Program => {
  if (command === undefined) return loginProgram(env, runDir, onTerminal);
  const file = loginShell(env);
  return { file, args: ['-c', command], env: { ...env, SHELL: file } };
};
