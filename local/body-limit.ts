import type { IncomingMessage, ServerResponse } from 'node:http';
import { BerthError } from '../core/errors.ts';

/** Far longer than the 256 KB that a body may have take on any network. */
export const usualBodyMs = 30_000;

/**
 * Answers a request whose body is not there in time with `request_timeout`, by `refuse`, and closes its connection:
 * drops sent one by one would hold connections open for ever.
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
  // Of a request whose answer is sent already, the rest is still read: until then it may be slow.
  request.once('close', () => clearTimeout(timer));
};

const tooSlow = (ms: number) =>
  new BerthError(
    'request_timeout',
    `The request did not arrive whole within ${ms / 1000} seconds. Look at your connection, and send it again.`,
  );
