import { execFile } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleCli } from '../cli/bundle.ts';
import { root } from './paths.ts';

/** The built portal, with the command line beside it for people to download. */
export const portalFolder = join(root, 'web', 'dist');

export class PortalBuildError extends Error {
  override readonly name = 'PortalBuildError';
}

/** Builds the portal and the command line where a source is newer than what was built before. */
export const buildPortal = async (signal?: AbortSignal): Promise<void> => {
  await buildPages(signal);
  const commandLine = join(portalFolder, 'berth.cjs');
  const sources = globSync('{base,cli,contracts}/**/*.ts', { cwd: root });
  if (isOutdated(commandLine, sources)) await bundleCli(commandLine);
};

const isOutdated = (built: string, sources: string[]): boolean =>
  !existsSync(built) || sources.some((file) => statSync(join(root, file)).mtimeMs > statSync(built).mtimeMs);

const buildPages = async (signal?: AbortSignal): Promise<void> => {
  const sources = globSync(['web/{src,public}/**/*', 'web/*.{ts,html}', 'contracts/**/*.ts'], { cwd: root });
  if (!isOutdated(join(portalFolder, 'index.html'), sources)) return;
  process.stderr.write('Building the portal …\n');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', 'web', '--logLevel', 'error'], {
      cwd: root,
      // A test runner sets NODE_ENV to `test`; people get the portal that is built here, so it is built for production.
      env: { ...process.env, NODE_ENV: 'production' },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const details = [stderr, stdout, (error as Error).message].find((text) => text?.trim());
    throw new PortalBuildError(`The portal could not be built. ${details?.trim()}`, { cause: error });
  }
};
