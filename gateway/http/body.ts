import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BerthError } from '../../core/errors.ts';

/** How long the body of a request that the gateway reads itself may take. */
export const defaultBodyTimeoutMs = 10_000;

interface Limits {
  maxBytes: number;
  timeoutMs: number;
  tooLarge(): BerthError;
  tooSlow(): BerthError;
}

const collect = async (incoming: IncomingMessage, { maxBytes, tooLarge }: Limits): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/**
 * The body as text. Throws if it is too large or incomplete after the timeout; the connection stays open for the
 * response.
 */
export const readBody = async (incoming: IncomingMessage, limits: Limits): Promise<string> => {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(limits.tooSlow()), limits.timeoutMs);
  try {
    return await Promise.race([collect(incoming, limits), timeout]);
  } finally {
    clearTimeout(timer);
  }
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Makes a response that precedes the end of the request's body close the connection: a client that sends the body
 * slowly could otherwise hold the connection as long as it likes. Call it before the headers are written.
 */
export const closeIfBodyUnread = (response: ServerResponse): void => {
  if (hasBody(response.req) && !response.req.complete) response.setHeader('connection', 'close');
};
