import type { IncomingMessage, OutgoingMessage } from 'node:http';
import { isHearsay } from './app-request.ts';

/** What is said at the head or not at all: who asks, for whom, by what cookies, on what terms. */
const headOnly = new Set([
  'authorization',
  'clear-site-data',
  'connection',
  'cookie',
  'host',
  'proxy-authorization',
  'set-cookie',
  'upgrade',
]);

/** Whether a field may come after the body. Some apps hear trailers as headers, which are clean when these come. */
const mayTrail = ([name]: [string, unknown]): boolean => !headOnly.has(name) && !isHearsay(name);

/** To be called before a pipe is laid, which ends what it writes to at the end of what it reads. */
export const passTrailers = (from: IncomingMessage, to: OutgoingMessage): void => {
  from.once('end', () =>
    to.addTrailers(Object.fromEntries(Object.entries(from.trailers).filter(mayTrail)) as Record<string, string>),
  );
};
