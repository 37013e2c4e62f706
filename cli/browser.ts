import { spawn } from 'node:child_process';

/** What opens an address in the person's browser; Windows reads `start`'s arguments as its shell does, rundll32 does not. */
const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an http(s) address. `false` for any other, which might run a program, and where there is nothing to open it with. */
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
