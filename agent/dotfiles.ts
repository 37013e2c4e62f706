import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureOf, runLogged } from './command.ts';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Processes } from './processes.ts';
import { isExecutable, scriptShell } from './shell.ts';

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
  /** How git is to call ssh before the person's own configuration is there. */
  sshCommand?: string | undefined;
  processes: Processes;
  log: LogBuffer;
  timeoutMs: number;
}

/** A host that does not answer is not to hold the start up as long as an install script may. */
const longestFetchMs = 120_000;

/** Lines of git and ssh that tell a reason; what follows them is good advice for others. */
const reasons = /^(?:error: |fatal: (?!Could not read from remote)|ssh: )|denied|verification failed/i;

const advice: readonly [RegExp, string][] = [
  [
    /denied|could not read Username|not found|Authentication failed|\b40[13]\b/i,
    'If it is private, give its SSH URL, and add your git key where it is hosted ("berth git-key" shows it).',
  ],
  [
    /fast-forward|unrelated|overwritten|unmerged/i,
    'Your ~/.dotfiles has changes of its own: bring it up to date by hand, or move it away and start again.',
  ],
];

const withAdvice = (sentence: string): string =>
  [sentence, advice.find(([about]) => about.test(sentence))?.[1]].filter(Boolean).join(' ');

interface Task {
  what: string;
  cwd: string;
  file: string;
  args: string[];
  timeoutMs: number;
}

/** Fails with a sentence when a command does. */
const run = async ({ processes, log, env }: Surroundings, { what, timeoutMs, ...command }: Task): Promise<void> => {
  log.section(`Running ${what} …`);
  const outcome = await runLogged(processes, { ...command, env, timeoutMs }, log);
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  log.end();
  throw new Error(withAdvice(failureOf(what, outcome, { timeoutMs, lastLine: log.lastLine(reasons) }) ?? what));
};

const git = (around: Surroundings, cwd: string, verb: string, ...args: string[]): Promise<void> => {
  const timeoutMs = Math.min(around.timeoutMs, longestFetchMs);
  return run(around, { what: `git ${verb}`, cwd, file: 'git', args: [verb, ...args], timeoutMs });
};

/** Cloned beside its place and moved there when it is whole: what was interrupted is done anew. */
const clone = async (url: string, folder: string, around: Surroundings): Promise<void> => {
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  const { env, sshCommand } = around;
  const first = sshCommand === undefined ? env : { GIT_SSH_COMMAND: `${sshCommand} -o BatchMode=yes`, ...env };
  await git({ ...around, env: first }, around.home, 'clone', '--depth', '1', '--', url, part);
  await rename(part, folder);
};

const fetchRepository = async (url: string, folder: string, around: Surroundings): Promise<void> => {
  if (!existsSync(folder)) return clone(url, folder, around);
  if (!existsSync(join(folder, '.git'))) {
    throw new Error('~/.dotfiles is there already and is no git repository. Move it away, and start again.');
  }
  await git(around, folder, 'remote', 'set-url', 'origin', url);
  await git(around, folder, 'pull', '--ff-only');
};

const linkFiles = async (folder: string, home: string): Promise<string> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith('.') && name !== '.git');
  const there = new Set(await readdir(home));
  const missing = names.filter((name) => !there.has(name));
  for (const name of missing) await symlink(join(folder, name), join(home, name));
  return `Linked ${missing.length} of ${names.length} dotfiles; the others were there already.`;
};

/** The commit that the folder holds, as its own files say it. */
const headOf = async (folder: string): Promise<string> => {
  const head = (await readFile(join(folder, '.git', 'HEAD'), 'utf8')).trim();
  const branch = head.startsWith('ref: ') ? join(folder, '.git', head.slice(5)) : undefined;
  return branch !== undefined && existsSync(branch) ? (await readFile(branch, 'utf8')).trim() : head;
};

/** A script whose mode was lost on its way through another system is run all the same. */
const install = async (folder: string, around: Surroundings): Promise<string> => {
  const name = installers.find((installer) => isFile(join(folder, installer)));
  if (name === undefined) return linkFiles(folder, around.home);
  const script = join(folder, name);
  const [file, ...args] = isExecutable(script) ? [script] : [scriptShell(around.env), script];
  await run(around, { what: name, cwd: folder, file, args, timeoutMs: around.timeoutMs });
  return `Ran ${name}.`;
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Nobody sits there to answer. Without a terminal ssh asks nobody either. */
const askingNobody = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'never' };

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
  const env = { ...around.env, ...askingNobody, GIT_ALLOW_PROTOCOL: 'https:http:git:ssh:file' };
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
