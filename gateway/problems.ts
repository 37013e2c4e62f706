import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../contracts/errors.ts';
import { toProblem } from '../core/errors.ts';
import { closeIfUnread } from './body.ts';

export const sendProblem = (response: ServerResponse, problem: Problem): void => {
  closeIfUnread(response);
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(problem));
};

/**
 * Refuses an upgrade: the same answer, written by hand, since there is no response object yet. Then the connection is
 * over, whether the other side ends its half of it or not.
 */
export const refuseUpgrade = (socket: Duplex, thrown: unknown, status?: number): void => {
  const problem = { ...toProblem(thrown), ...(status === undefined ? {} : { status }) };
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
};

/** A person at a browser looks at the answer, so that it should be a page. */
export const isNavigation = ({ method, headers }: IncomingMessage): boolean => {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
};
