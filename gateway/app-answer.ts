import type { IncomingMessage } from 'node:http';
import { confine } from './cookies.ts';

const confineCookies = ({ headers }: IncomingMessage): void => {
  const cookies = headers['set-cookie'];
  if (cookies === undefined) return;
  const kept = confine(cookies);
  if (kept.length > 0) headers['set-cookie'] = kept;
  else delete headers['set-cookie'];
};

const notInStatusLine = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * Makes an app's answer one that can be passed on. Node reads status lines and trailers that it throws on when it has
 * to write them, at a place where nobody catches: one app would end the gateway of all.
 */
export const cleanAnswer = (answer: IncomingMessage): void => {
  const { statusCode = 0, statusMessage = '' } = answer;
  if (statusCode < 200 && statusCode !== 101) answer.statusCode = 502;
  answer.statusMessage = statusMessage.replace(notInStatusLine, '');
  // Announced trailers are an error in an answer that has a length; those that come are passed on all the same.
  delete answer.headers['trailer'];
  // It would take away the cookies of all hosts beside the app's, too.
  delete answer.headers['clear-site-data'];
  confineCookies(answer);
};
