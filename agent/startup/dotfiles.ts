import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isExecutable, scriptShell } from '../processes/shell.ts';
import { cloneOrUpdate, currentCommit, type DotfilesContext, runOrThrow } from './dotfiles-repository.ts';

const installScripts = ['install.sh', 'install', 'bootstrap.sh', 'bootstrap', 'setup.sh', 'setup'];
/** Only SSH URLs may contain a user name: in others it precedes a password, or is one (an access token). */
const allowedUrl =
  /^(?:(?:https?|git|file):\/\/(?![^/\s]*@)[^\s]+|ssh:\/\/(?![^/\s]*:[^/\s]*@)[^\s]+|\/[^\s]+|[\w.-]+@[\w.-]+:(?!:)[^\s]+)$/;

/**
 * Whether the URL may be passed to git: not an option, not an `ext::` transport, which would run a command, and without
 * a password, because the URL is stored and shown. The starter templates' `pattern` accepts the same URLs.
 */
export const isGitUrl = (url: string): boolean => allowedUrl.test(url) && !url.includes('::');

const linkFiles = async (folder: string, home: string): Promise<string> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith('.') && name !== '.git');
  const existing = new Set(await readdir(home));
  const missing = names.filter((name) => !existing.has(name));
  for (const name of missing) await symlink(join(folder, name), join(home, name));
  return `Linked ${missing.length} of ${names.length} dotfiles; the others already exist.`;
};

/** Runs the install script, also when it lost its executable bit on another system, else links the dotfiles. */
const install = async (folder: string, context: DotfilesContext): Promise<string> => {
  const name = installScripts.find((installer) => isFile(join(folder, installer)));
  if (name === undefined) return linkFiles(folder, context.home);
  const script = join(folder, name);
  const [file, ...args] = isExecutable(script) ? [script] : [scriptShell(context.env), script];
  await runOrThrow(context, { what: name, cwd: folder, file, args, timeoutMs: context.timeoutMs });
  return `Ran ${name}.`;
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** There is no terminal for prompts of git. ssh does not prompt either, because it has no terminal. */
const withoutPrompts = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'never' };

/**
 * Clones or updates `~/.dotfiles` and installs it when its commit changed. Returns a sentence about what was done;
 * throws an error whose message is a sentence.
 */
export const setUpDotfiles = async (url: string, context: DotfilesContext): Promise<string> => {
  if (!isGitUrl(url)) {
    throw new Error(
      'The dotfiles URL is not the URL of a git repository, or it contains a password, which would be shown. Use an SSH URL (ssh://… or git@host:path) or a public one (https://…).',
    );
  }
  const env = { ...context.env, ...withoutPrompts, GIT_ALLOW_PROTOCOL: 'https:http:git:ssh:file' };
  const folder = join(context.home, '.dotfiles');
  await cloneOrUpdate(url, folder, { ...context, env });

  const marker = join(folder, '.git', 'berth-installed');
  const head = await currentCommit(folder, { ...context, env });
  if (existsSync(marker) && (await readFile(marker, 'utf8')) === head)
    return 'Nothing changed since they were last installed.';
  const done = await install(folder, context);
  await writeFile(marker, head);
  return done;
};
