import { spawn } from 'node:child_process';

/** The commands that open a URL. On Windows, the shell would interpret the arguments of `start`; rundll32 avoids it. */
const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an http(s) URL. Returns `false` for other schemes, which might run a program, or if there is no opener. */
export const openInBrowser = (url: string): Promise<boolean> => {
  const [program, ...before] = process.env['BROWSER']
    ? [process.env['BROWSER']]
    : (openers[process.platform] ?? ['xdg-open']);
  if (!['http:', 'https:'].includes(new URL(url).protocol)) return Promise.resolve(false);
  const child = spawn(program, [...before, new URL(url).href], { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
};
