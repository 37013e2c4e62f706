import type { IncomingMessage, OutgoingMessage } from 'node:http';
import { isForwardingHeader } from './request-headers.ts';

/** Fields that count only in the head (RFC 9110, section 6.5.1): credentials, routing and connection control. */
const forbiddenInTrailers = new Set([
  'authorization',
  'clear-site-data',
  'connection',
  'cookie',
  'host',
  'proxy-authorization',
  'set-cookie',
  'upgrade',
]);

/** Some apps merge trailers into the headers, which were sanitized before these arrived. */
const isForwarded = ([name]: [string, unknown]): boolean => !forbiddenInTrailers.has(name) && !isForwardingHeader(name);

/** Forwards trailers. Call it before `from` is piped to `to`, since the pipe ends `to` when `from` ends. */
export const forwardTrailers = (from: IncomingMessage, to: OutgoingMessage): void => {
  from.once('end', () => {
    const trailers = Object.entries(from.trailers).filter(isForwarded);
    to.addTrailers(Object.fromEntries(trailers) as Record<string, string>);
  });
};
