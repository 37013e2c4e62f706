import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../../contracts/errors/problem.ts';
import { toProblem } from '../../core/errors.ts';
import { closeIfBodyUnread } from './body.ts';

export const sendProblem = (response: ServerResponse, problem: Problem): void => {
  closeIfBodyUnread(response);
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(problem));
};

/**
 * Refuses an upgrade with a problem, written to the socket because an upgrade has no response object. Then it closes
 * the connection without waiting for the client to close its half.
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

/** Whether a browser will show the response to a person, so that it should be a page. */
export const isNavigation = ({ method, headers }: IncomingMessage): boolean => {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
};
