import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { cliCallback, cliPorts } from '../../contracts/sign-in.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { CliError } from '../io/failure.ts';

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>
:root { color-scheme: light dark } body { font: 18px/1.6 system-ui, sans-serif; margin: 20vh auto; max-width: 30rem; padding: 0 1rem }
</style></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`;

const pages = {
  done: [200, page('You are signed in to Berth', 'You can close this tab and go back to your terminal.')],
  failed: [400, page('The sign-in failed', 'Your terminal says why. You can close this tab.')],
  unknown: [
    400,
    page('This is no sign-in', 'No sign-in of this machine waits for this answer. You can close this tab.'),
  ],
} as const;

const answer = (response: ServerResponse, name: keyof typeof pages): void => {
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
export interface CallbackServer {
  redirectUri: string;
  /**
   * Waits for the first request whose URL passes `isAnswer` and returns the result of `take`. The response tells the
   * browser whether `take` succeeded. All other requests are refused.
   */
  wait<T>(isAnswer: (url: URL) => boolean, take: (url: URL) => Promise<T>, patienceMs: number): Promise<T>;
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
  const message = `The ports ${ports.join(', ')} are all taken, on one of which a browser would come back. Free one, or use: berth login --token`;
  throw new CliError('internal', message, exitCodes.failed);
};

const callbackServer = (server: Server, port: number): CallbackServer => {
  const redirectUri = cliCallback(port);
  const own = new URL(redirectUri);
  const urlOf = ({ method, url = '/', headers }: IncomingMessage): URL | undefined => {
    if (method !== 'GET' || headers.host !== own.host || !URL.canParse(url, own)) return undefined;
    const asked = new URL(url, own);
    return asked.origin === own.origin && asked.pathname === own.pathname ? asked : undefined;
  };
  return {
    redirectUri,
    wait: (isAnswer, take, patienceMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(tooLate(patienceMs)), patienceMs);
        let isTaken = false;
        server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
          const url = urlOf(request);
          if (url === undefined || isTaken || !isAnswer(url)) return answer(response, 'unknown');
          isTaken = true;
          clearTimeout(timer);
          try {
            const taken = await take(url);
            answer(response, 'done');
            resolve(taken);
          } catch (error) {
            answer(response, 'failed');
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

const tooLate = (patienceMs: number): CliError =>
  new CliError(
    'unauthenticated',
    `Nobody signed in within ${patienceMs / 60_000} minutes. Run it again, or use: berth login --token`,
    exitCodes.notSignedIn,
  );
