import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import { restrictSetCookies } from './session-cookie.ts';

/** The status line and headers of a response. */
export interface ResponseHead {
  status: number;
  message: string;
  headers: OutgoingHttpHeaders;
}

/** Hop-by-hop headers of responses (RFC 9110, section 7.6.1), and those that Node would refuse to write. */
const hopByHopHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'trailer',
];

const namedByConnection = ({ connection = '' }: IncomingHttpHeaders): string[] =>
  connection.split(',').map((name) => name.trim().toLowerCase());

const headersForBrowser = (headers: IncomingHttpHeaders): OutgoingHttpHeaders => {
  const { 'set-cookie': setCookies = [], ...forwarded } = headers;
  for (const name of [...hopByHopHeaders, ...namedByConnection(headers)]) delete forwarded[name];
  // It would clear the cookies of every host below the app domain.
  delete forwarded['clear-site-data'];
  const cookies = restrictSetCookies(setCookies);
  return cookies.length === 0 ? forwarded : { ...forwarded, 'set-cookie': cookies };
};

const notAllowedInStatusLine = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * The head of an app's response as the browser receives it. Node parses status lines that its own writer throws on, so
 * that one malformed response could crash the gateway.
 */
export const responseHead = ({ statusCode = 0, statusMessage = '', headers }: IncomingMessage): ResponseHead => {
  const status = statusCode < 200 && statusCode !== 101 ? 502 : statusCode;
  const message = statusMessage.replace(notAllowedInStatusLine, '') || (STATUS_CODES[status] ?? 'Unknown');
  return { status, message, headers: headersForBrowser(headers) };
};
