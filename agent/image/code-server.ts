import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The same as in templates/vscode. */
const version = '4.139.1';

/** Without install scripts, which compile native modules: the packages contain prebuilt ones. */
const npmFlags = [
  '--ignore-scripts',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=error',
];
const install = (cwd: string, ...packages: string[]) =>
  execFileSync('npm', ['install', ...npmFlags, ...packages], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });

const isForeign = (folder: string): boolean =>
  /^(win32|darwin|freebsd|linux|alpine)-[a-z0-9]+$/.test(folder) && folder !== `linux-${process.arch}`;

/** Removes binaries for other platforms and source maps, a third of the size. */
const trim = (folder: string): void => {
  for (const found of globSync('**/{bin,prebuilds}/*-*', { cwd: folder })) {
    if (isForeign(basename(found))) rmSync(join(folder, found), { recursive: true });
  }
  for (const map of globSync('**/*.{js,css}.map', { cwd: folder })) rmSync(join(folder, map));
};

/**
 * Installs code-server from npm into a folder, for this machine's platform: 450 MB. Templates find its entry point in
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
