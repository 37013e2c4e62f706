import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The same as in templates/vscode. */
const version = '4.139.1';

/** No install script: they compile native modules. The ones an editor needs come ready made inside the packages. */
const quietly = [
  '--ignore-scripts',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=error',
];
const install = (cwd: string, ...packages: string[]) =>
  execFileSync('npm', ['install', ...quietly, ...packages], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });

const isForeign = (folder: string): boolean =>
  /^(win32|darwin|freebsd|linux|alpine)-[a-z0-9]+$/.test(folder) && folder !== `linux-${process.arch}`;

/** A third of it is programs for other machines, and maps of its source. */
const trim = (folder: string): void => {
  for (const found of globSync('**/{bin,prebuilds}/*-*', { cwd: folder })) {
    if (isForeign(basename(found))) rmSync(join(folder, found), { recursive: true });
  }
  for (const map of globSync('**/*.{js,css}.map', { cwd: folder })) rmSync(join(folder, map));
};

/**
 * Puts code-server into a folder, from npm, for this machine's platform: 450 MB. Templates find its entry in
 * `BERTH_CODE_SERVER` and run it with `BERTH_NODE`.
 */
export const addCodeServer = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  install(folder, '--prefix', folder, `code-server@${version}`);
  const editor = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  install(editor);
  install(join(editor, 'extensions'));
  trim(folder);
};
