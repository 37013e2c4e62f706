import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../processes/environment.ts';
import { LogBuffer } from '../processes/log-buffer.ts';
import { describeFailure, runLoggedCommand } from '../processes/logged-command.ts';
import type { Processes } from '../processes/processes.ts';

export interface DotfilesContext {
  home: string;
  env: Environment;
  /** The ssh command of git until the person's own configuration exists. */
  sshCommand?: string | undefined;
  processes: Processes;
  log: LogBuffer;
  timeoutMs: number;
}

/** An unreachable host must not delay the start for as long as an install script may run. */
const maxFetchMs = 120_000;

/** Lines of git and ssh that name the cause. The lines after them only give general advice. */
const reasonLines = /^(?:error: |fatal: (?!Could not read from remote)|ssh: )|denied|verification failed/i;

const advice: readonly [RegExp, string][] = [
  [
    /denied|could not read Username|not found|Authentication failed|\b40[13]\b/i,
    'If it is private, use its SSH URL and add your git key to the git host ("berth git-key" shows it).',
  ],
  [
    /overwritten|unmerged|local changes|resolve your current index/i,
    'Your ~/.dotfiles has local changes, which were kept. Commit and push them or move the folder away, then start again.',
  ],
];

const withAdvice = (sentence: string): string =>
  [sentence, advice.find(([pattern]) => pattern.test(sentence))?.[1]].filter(Boolean).join(' ');

interface Task {
  what: string;
  cwd: string;
  file: string;
  args: string[];
  timeoutMs: number;
}

/** Runs a command. When it fails, throws an error whose message is a sentence. */
export const runOrThrow = async (
  { processes, log, env }: DotfilesContext,
  { what, timeoutMs, ...command }: Task,
): Promise<void> => {
  log.section(`Running ${what} …`);
  const outcome = await runLoggedCommand(processes, { ...command, env, timeoutMs }, log);
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  log.end();
  throw new Error(
    withAdvice(describeFailure(what, outcome, { timeoutMs, lastLine: log.lastLine(reasonLines) }) ?? what),
  );
};

const gitTask = (context: DotfilesContext, cwd: string, verb: string, args: string[]): Task => {
  const timeoutMs = Math.min(context.timeoutMs, maxFetchMs);
  return { what: `git ${verb}`, cwd, file: 'git', args: [verb, ...args], timeoutMs };
};

const git = (context: DotfilesContext, cwd: string, verb: string, ...args: string[]): Promise<void> =>
  runOrThrow(context, gitTask(context, cwd, verb, args));

/** The output of a git command; empty when it fails, because a later command reports the failure better. */
const gitOutput = async (context: DotfilesContext, cwd: string, verb: string, ...args: string[]): Promise<string> => {
  const { what, ...command } = gitTask(context, cwd, verb, args);
  let output = '';
  const log = new LogBuffer((text) => {
    output += text;
  });
  const outcome = await runLoggedCommand(context.processes, { ...command, env: context.env }, log);
  log.end();
  return outcome.kind === 'exited' && outcome.code === 0 ? output.trim() : '';
};

/** The commit that is checked out in the folder. */
export const currentCommit = (folder: string, context: DotfilesContext): Promise<string> =>
  gitOutput(context, folder, 'rev-parse', '--verify', '--quiet', 'HEAD');

const updateSubmodules = async (folder: string, context: DotfilesContext): Promise<void> => {
  if (!existsSync(join(folder, '.gitmodules'))) return;
  await git(context, folder, 'submodule', 'sync', '--quiet', '--recursive');
  await git(context, folder, 'submodule', 'update', '--init', '--recursive');
};

/** Clones into a temporary folder and renames it when complete, so that an interrupted clone starts over. */
const clone = async (url: string, folder: string, context: DotfilesContext): Promise<void> => {
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await git(context, context.home, 'clone', '--depth', '1', '--', url, part);
  await updateSubmodules(part, context);
  await rename(part, folder);
};

/** The branch to follow: the current one, or the repository's default when the current one no longer exists there. */
const branchToFollow = async (url: string, folder: string, context: DotfilesContext): Promise<string> => {
  const before = await gitOutput(context, folder, 'remote', 'get-url', 'origin');
  const current = before === url ? await gitOutput(context, folder, 'symbolic-ref', '--short', '--quiet', 'HEAD') : '';
  const wanted = current === '' ? [] : [`refs/heads/${current}`];
  await git(context, folder, 'remote', 'set-url', 'origin', url);
  const heads = await gitOutput(context, folder, 'ls-remote', '--symref', 'origin', 'HEAD', ...wanted);
  if (wanted.some((ref) => heads.includes(`\t${ref}`))) return current;
  const defaultBranch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(heads)?.[1];
  if (defaultBranch !== undefined) return defaultBranch;
  // If the host could not be reached, this command fails with the cause.
  await git(context, folder, 'ls-remote', 'origin', 'HEAD');
  throw new Error(
    'The dotfiles repository has no default branch. Push a branch, or set the default branch on the git host.',
  );
};

/** Whether HEAD or the branch has commits that `origin` does not have. */
const hasUnpushedCommits = async (folder: string, branch: string, context: DotfilesContext): Promise<boolean> => {
  const own = ['HEAD', `--glob=refs/heads/${branch}`];
  return (await gitOutput(context, folder, 'rev-list', '-1', ...own, '--not', '--remotes=origin')) !== '';
};

const ownCommitsMessage =
  'Your ~/.dotfiles has commits that the repository does not have. They were kept, and the folder was not updated. Push them or move ~/.dotfiles away, then start again.';

/**
 * Updates the folder to the repository's current state, even if the repository's URL, branches or history changed. The
 * person's local changes are kept: git refuses to check out over them.
 */
const update = async (url: string, folder: string, context: DotfilesContext): Promise<void> => {
  const branch = await branchToFollow(url, folder, context);
  // Before the fetch, because it makes commits that a force-push removed look like the person's own.
  const hadUnpushed = await hasUnpushedCommits(folder, branch, context);
  const remote = `refs/remotes/origin/${branch}`;
  // The clone is of a single branch, possibly another one.
  await git(context, folder, 'remote', 'set-branches', 'origin', branch);
  await git(context, folder, 'fetch', 'origin');
  if (hadUnpushed && (await hasUnpushedCommits(folder, branch, context))) {
    if ((await gitOutput(context, folder, 'rev-list', '-1', remote, '--not', 'HEAD')) === '') return;
    throw new Error(ownCommitsMessage);
  }
  if ((await gitOutput(context, folder, 'rev-parse', remote)) !== (await currentCommit(folder, context))) {
    await git(context, folder, 'checkout', '-q', '--track', '-B', branch, `origin/${branch}`);
  }
  await updateSubmodules(folder, context);
};

/** Clones the repository into the folder, or updates the clone that is there. */
export const cloneOrUpdate = async (url: string, folder: string, context: DotfilesContext): Promise<void> => {
  const { env, sshCommand } = context;
  const cloneEnv = sshCommand === undefined ? env : { GIT_SSH_COMMAND: `${sshCommand} -o BatchMode=yes`, ...env };
  if (!existsSync(folder)) return clone(url, folder, { ...context, env: cloneEnv });
  if (!existsSync(join(folder, '.git'))) {
    throw new Error('~/.dotfiles already exists and is not a git repository. Move it away, then start again.');
  }
  return update(url, folder, context);
};
