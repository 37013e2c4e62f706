import type { IncomingMessage, ServerResponse } from 'node:http';
import { BerthError } from '../../core/errors.ts';

/** Far longer than the largest body, 256 KB, takes on any network. */
export const defaultBodyMs = 30_000;

/**
 * Responds with `request_timeout`, through `refuse`, to a request whose body is not complete in time, and closes its
 * connection. Otherwise a client that sends single bytes slowly could hold connections open forever.
 */
export const limitBody = (
  request: IncomingMessage,
  response: ServerResponse,
  ms: number,
  refuse: (response: ServerResponse, error: BerthError) => void,
): void => {
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) return void request.destroy();
    response.setHeader('connection', 'close');
    refuse(response, tooSlow(ms));
  }, ms);
  // The rest of a request is still read after its response is sent, so the timeout applies until the request closes.
  request.once('close', () => clearTimeout(timer));
};

const tooSlow = (ms: number) =>
  new BerthError(
    'request_timeout',
    `The request was not complete within ${ms / 1000} seconds. Check your connection and try again.`,
  );
