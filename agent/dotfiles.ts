import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLogged } from './command.ts';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Processes } from './processes.ts';
import { isExecutable } from './shell.ts';

const installers = ['install.sh', 'install', 'bootstrap.sh', 'bootstrap', 'setup.sh', 'setup'];
/** Only SSH takes a user name: in the others it stands for a password, or is one (an access token). */
const transports =
  /^(?:(?:https?|git|file):\/\/(?![^/\s]*@)[^\s]+|ssh:\/\/(?![^/\s]*:[^/\s]*@)[^\s]+|\/[^\s]+|[\w.-]+@[\w.-]+:(?!:)[^\s]+)$/;

/**
 * Whether git may be given the URL: no option, no `ext::` transport that would run a command, and no password, as the
 * URL is stored and shown. The starter templates' `pattern` says the same.
 */
export const isGitUrl = (url: string): boolean => transports.test(url) && !url.includes('::');

interface Surroundings {
  home: string;
  env: Environment;
  processes: Processes;
  log: LogBuffer;
  timeoutMs: number;
}

/** Fails with a sentence when a command does. */
const run = async ({ processes, log, env, timeoutMs }: Surroundings, cwd: string, file: string, args: string[]) => {
  const outcome = await runLogged(processes, { file, args, cwd, env, timeoutMs }, log);
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  const what = [file.split('/').at(-1), file === 'git' ? args.find((arg) => /^[a-z]/.test(arg)) : undefined];
  const why = outcome.kind === 'not_started' ? 'is not installed or cannot be run' : 'did not succeed';
  throw new Error(`${what.filter(Boolean).join(' ')} ${why}. See the log of this step.`);
};

const fetchRepository = async (url: string, folder: string, around: Surroundings): Promise<void> => {
  if (!existsSync(join(folder, '.git'))) {
    return run(around, around.home, 'git', ['clone', '--depth', '1', '--', url, folder]);
  }
  await run(around, folder, 'git', ['remote', 'set-url', 'origin', url]);
  await run(around, folder, 'git', ['pull', '--ff-only']);
};

const linkFiles = async (folder: string, home: string): Promise<string> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith('.') && name !== '.git');
  const missing = names.filter((name) => !existsSync(join(home, name)));
  for (const name of missing) await symlink(join(folder, name), join(home, name));
  return `Linked ${missing.length} of ${names.length} dotfiles; the others were there already.`;
};

/** The commit that the folder holds, as its own files say it. */
const headOf = async (folder: string): Promise<string> => {
  const head = (await readFile(join(folder, '.git', 'HEAD'), 'utf8')).trim();
  const branch = head.startsWith('ref: ') ? join(folder, '.git', head.slice(5)) : undefined;
  return branch !== undefined && existsSync(branch) ? (await readFile(branch, 'utf8')).trim() : head;
};

const install = async (folder: string, around: Surroundings): Promise<string> => {
  const installer = installers.find((name) => isExecutable(join(folder, name)));
  if (installer === undefined) return linkFiles(folder, around.home);
  await run(around, folder, join(folder, installer), []);
  return `Ran ${installer}.`;
};

/**
 * Brings `~/.dotfiles` up to date and installs it when it is new or changed. Answers what was done, in a sentence;
 * throws an error whose message is one.
 */
export const setUpDotfiles = async (url: string, around: Surroundings): Promise<string> => {
  if (!isGitUrl(url)) {
    throw new Error(
      'The dotfiles URL is not one of a git repository, or holds a password, which would be shown. Use an SSH URL (ssh://… or git@host:path) or a public one (https://…).',
    );
  }
  const env = {
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    ...around.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:http:git:ssh:file',
  };
  const folder = join(around.home, '.dotfiles');
  await fetchRepository(url, folder, { ...around, env });
  const marker = join(folder, '.git', 'berth-installed');
  const head = await headOf(folder);
  if (existsSync(marker) && (await readFile(marker, 'utf8')) === head)
    return 'Nothing changed since they were installed.';
  const done = await install(folder, around);
  await writeFile(marker, head);
  return done;
};
