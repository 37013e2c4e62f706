import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from './environment.ts';

export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (thrown) {
    // Absent, or not for us: either way it cannot be run.
    if (thrown instanceof Error && 'code' in thrown) return false;
    throw thrown;
  }
};

const inPath = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** The shell scripts are written for: bash where there is one. */
export const scriptShell = (env: Environment): string => inPath('bash', env['PATH'] ?? '') ?? '/bin/sh';

/** The person's shell. Throws a sentence where the image has none. */
export const loginShell = (env: Environment): string => {
  const chosen = env['SHELL'];
  const shell = chosen?.startsWith('/') && isExecutable(chosen) ? chosen : scriptShell(env);
  if (isExecutable(shell)) return shell;
  throw new Error(
    'The workspace has no shell: its image holds neither bash nor /bin/sh. Run a program that it holds by its path, as in "berth exec NAME -- /berth/bin/node", or ask your template’s author for an image with a shell.',
  );
};

/** What a session runs: its command, or the person's shell. Throws as `loginShell` does. */
export const programOf = (command: readonly string[] | undefined, env: Environment): [string, ...string[]] => {
  const [file, ...args] = command ?? [];
  return file === undefined ? [loginShell(env), '-l'] : [file, ...args];
};
