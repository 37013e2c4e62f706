import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import sirv from 'sirv';
import { StartError } from './settings.ts';

const root = dirname(import.meta.dirname);
const dist = join(root, 'web', 'dist');

/** Builds the portal when its sources are newer than what was built last. */
export const buildPortal = (): void => {
  const built = join(dist, 'index.html');
  const sources = globSync(['web/{src,public}/**/*', 'web/*.{ts,html}', 'contracts/*.ts'], { cwd: root });
  const newest = Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  process.stderr.write('Building the portal …\n');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const build = spawnSync(process.execPath, [vite, 'build', 'web', '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
    // Whatever started us, a test runner too, this is the portal that people get.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (build.status !== 0) {
    throw new StartError(`The portal could not be built. ${(build.stderr || build.stdout).trim()}`);
  }
};

/** `form-action` names the apps' hosts, as tickets are posted there. Mantine sets styles inline. */
const contentSecurityPolicy = (origin: string, appDomain: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${origin.replace('http', 'ws')}`,
    `form-action 'self' http://*.${appDomain}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** Serves the built portal; every address that is no file is the portal's own. */
export const servePortal = (origin: string, appDomain: string) => {
  const policy = contentSecurityPolicy(origin, appDomain);
  const files = sirv(dist, {
    single: true,
    etag: true,
    setHeaders: (response: ServerResponse, path: string) => {
      response.setHeader('content-security-policy', policy);
      response.setHeader('x-content-type-options', 'nosniff');
      // Not `no-referrer`: with it a posted ticket has no Origin, by which the gateway knows the portal.
      response.setHeader('referrer-policy', 'strict-origin');
      response.setHeader(
        'cache-control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  return (request: IncomingMessage, response: ServerResponse, otherwise: () => void) =>
    files(request, response, otherwise);
};
