import { mkdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { assemble, canInject, givenImage, runIn } from '../compute/injected.ts';
import { optional } from '../requirements.ts';

const canRun = optional(
  'code-server in images of any kind',
  canInject(),
  'Needs Linux with user namespaces; install busybox-static and patchelf.',
);
const entry = '/berth/code-server/node_modules/code-server/out/node/entry.js';

let agent: string;
beforeAll(async () => {
  if (canRun) agent = await assemble('--code-server');
}, 600_000);

/** Sends a GET request to a Unix socket; `undefined` while nothing listens there. */
const getFromSocket = (socketPath: string, path: string) =>
  new Promise<string | undefined>((resolve, reject) => {
    request({ socketPath, path, headers: { accept: 'text/html' } }, (response) => resolve(text(response)))
      .on('error', (error: NodeJS.ErrnoException) =>
        ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
      )
      .end();
  });

describe.runIf(canRun)('code-server of the agent’s image', () => {
  it('serves the workbench in an image that has only a static shell and a writable home', async () => {
    const image = givenImage({ shell: true });
    mkdirSync(join(image, 'home'));
    const flags = ['--socket', '/home/code.sock', '--session-socket', '/home/session.sock', '--auth', 'none'];
    const { child, output, ended } = runIn(image, agent, ['/berth/bin/node', entry, ...flags, '/home'], {
      user: 4_711,
      readOnly: true,
      env: { HOME: '/home' },
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(image, { recursive: true });
    });
    const socket = join(image, 'home', 'code.sock');
    const healthy = expect.poll(() => getFromSocket(socket, '/healthz'), { timeout: 60_000 }).toContain('"status"');
    await Promise.race([healthy, output.then((text) => Promise.reject(new Error(`code-server exited: ${text}`)))]);
    expect(await getFromSocket(socket, '/?folder=/home')).toContain('vscode-workbench-web-configuration');
  });
});
