import { execFile } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sirv from 'sirv';
import { portalAssets, portalCaching, portalHeaders } from '../contracts/portal-headers.ts';
import { StartError } from './settings.ts';

const root = dirname(import.meta.dirname);
const dist = join(root, 'web', 'dist');

/** Builds the portal, and the command line beside it for people to fetch, when sources are newer than what was built. */
export const buildPortal = async (signal?: AbortSignal): Promise<void> => {
  await buildPages(signal);
  const commandLine = join(dist, 'berth.cjs');
  const sources = globSync('{cli,contracts}/**/*.ts', { cwd: root });
  if (!isOlder(commandLine, sources)) return;
  const { bundleCli } = await import('../cli/bundle.ts');
  await bundleCli(commandLine);
};

const isOlder = (built: string, sources: string[]): boolean =>
  !existsSync(built) || sources.some((file) => statSync(join(root, file)).mtimeMs > statSync(built).mtimeMs);

const buildPages = async (signal?: AbortSignal): Promise<void> => {
  const built = join(dist, 'index.html');
  const sources = globSync(['web/{src,public}/**/*', 'web/*.{ts,html}', 'contracts/*.ts'], { cwd: root });
  if (!isOlder(built, sources)) return;
  process.stderr.write('Building the portal …\n');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', 'web', '--logLevel', 'error'], {
      cwd: root,
      // Whatever started us, a test runner too, this is the portal that people get.
      env: { ...process.env, NODE_ENV: 'production' },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const words = [stderr, stdout, (error as Error).message].find((text) => text?.trim());
    throw new StartError(`The portal could not be built. ${words?.trim()}`, { cause: error });
  }
};

/** Serves the built portal; every address that is no file is the portal's own. */
export const servePortal = (origin: string, appDomain: string) => {
  const headers = Object.entries(
    portalHeaders({ connect: [origin.replace('http', 'ws')], apps: `http://*.${appDomain}` }),
  );
  const files = sirv(dist, {
    single: true,
    etag: true,
    setHeaders: (response: ServerResponse, path: string) => {
      for (const [name, value] of headers) response.setHeader(name, value);
      response.setHeader('cache-control', portalCaching[path.startsWith(portalAssets) ? 'assets' : 'pages']);
    },
  });
  return (request: IncomingMessage, response: ServerResponse, otherwise: () => void) =>
    files(request, response, otherwise);
};
