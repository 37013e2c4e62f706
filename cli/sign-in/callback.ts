import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { cliCallback, cliPorts } from '../../contracts/sign-in.ts';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>
:root { color-scheme: light dark } body { font: 18px/1.6 system-ui, sans-serif; margin: 20vh auto; max-width: 30rem; padding: 0 1rem }
</style></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`;

const pages = {
  done: [200, page('You are signed in to Berth', 'You can close this tab and return to your terminal.')],
  failed: [400, page('Sign-in failed', 'See your terminal for the reason. You can close this tab.')],
  unknown: [
    400,
    page('Unknown sign-in', 'No sign-in on this machine is waiting for this response. You can close this tab.'),
  ],
} as const;

const respond = (response: ServerResponse, name: keyof typeof pages): void => {
  const [status, html] = pages[name];
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(html);
};

/** Listens on loopback for the browser's redirect after the sign-in. */
interface CallbackServer {
  redirectUri: string;
  /**
   * Waits for the first request whose URL passes `isRedirect` and returns the result of `finish`. The response
   * shows whether `finish` succeeded. All other requests are refused.
   */
  wait<T>(isRedirect: (url: URL) => boolean, finish: (url: URL) => Promise<T>, timeoutMs: number): Promise<T>;
  close(): void;
}

const listen = async (port: number): Promise<Server | undefined> => {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 });
  const failed = once(server, 'error').then(([error]: unknown[]) => error);
  server.listen(port, '127.0.0.1');
  const error = await Promise.race([once(server, 'listening').then(() => undefined), failed]);
  if (error === undefined) return server;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
  throw error;
};

export const listenForCallback = async (ports: readonly number[] = cliPorts): Promise<CallbackServer> => {
  for (const port of ports) {
    const server = await listen(port);
    if (server !== undefined) return callbackServer(server, port);
  }
  const message = `The sign-in needs one of the ports ${ports.join(', ')}, which are all in use. Free one, or use: berth login --token`;
  throw new CliError('internal', message, exitCodes.failed);
};

const callbackServer = (server: Server, port: number): CallbackServer => {
  const redirectUri = cliCallback(port);
  const own = new URL(redirectUri);
  const urlOf = ({ method, url = '/', headers }: IncomingMessage): URL | undefined => {
    if (method !== 'GET' || headers.host !== own.host || !URL.canParse(url, own)) return undefined;
    const requested = new URL(url, own);
    return requested.origin === own.origin && requested.pathname === own.pathname ? requested : undefined;
  };
  return {
    redirectUri,
    wait: (isRedirect, finish, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(timeoutError(timeoutMs)), timeoutMs);
        let isHandled = false;
        server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
          const url = urlOf(request);
          if (url === undefined || isHandled || !isRedirect(url)) return respond(response, 'unknown');
          isHandled = true;
          clearTimeout(timer);
          try {
            const result = await finish(url);
            respond(response, 'done');
            resolve(result);
          } catch (error) {
            respond(response, 'failed');
            reject(error);
          }
        });
      }),
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
};

const timeoutError = (timeoutMs: number): CliError =>
  new CliError(
    'unauthenticated',
    `The sign-in was not completed within ${timeoutMs / 60_000} minutes. Try again, or use: berth login --token`,
    exitCodes.notSignedIn,
  );
