import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BerthError } from '../core/errors.ts';

/** How long the body of a request that the gateway answers itself may take, in ms. */
export const bodyWithinMs = 10_000;

interface Limits {
  mostBytes: number;
  withinMs: number;
  tooLarge(): BerthError;
  tooSlow(): BerthError;
}

const collect = async (incoming: IncomingMessage, { mostBytes, tooLarge }: Limits): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** The body as text. Throws when it is too large or not whole in time; the connection is left for the answer. */
export const readBody = async (incoming: IncomingMessage, limits: Limits): Promise<string> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(limits.tooSlow()), limits.withinMs);
  try {
    return await Promise.race([collect(incoming, limits), late]);
  } finally {
    clearTimeout(timer);
  }
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * To be called before an answer's headers are written. An answer that is given before the body came ends the
 * connection: its sender would hold it open for as long as it likes.
 */
export const closeIfUnread = (response: ServerResponse): void => {
  if (hasBody(response.req) && !response.req.complete) response.setHeader('connection', 'close');
};
