import { sanitizeLine } from '../../base/sanitize.ts';
import { CliError, usageError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { proxyHint } from '../io/network.ts';
import { readCredentials } from '../sign-in/store.ts';

// Separate from connect.ts so that the ProxyCommand, which ssh runs for every connection, loads few modules.

export const parseServerUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url.href.replace(/\/+$/, '');
  throw usageError(`Invalid address "${sanitizeLine(text)}". Use the URL of Berth, such as https://berth.example.com.`);
};

/** The server's URL: BERTH_URL, or the server of the last sign-in, or a local server. */
export const berthUrl = (): string =>
  parseServerUrl(process.env['BERTH_URL'] || readCredentials().current || 'http://localhost:8080');

/** Whether the text can be a token, which must be safe to send in an HTTP header. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(text);

/** Returns BERTH_TOKEN, or the access token that `berth login` stored for the URL. */
export const tokenFor = async (url: string): Promise<string> => {
  // The token may come from a file that ends with a line break.
  const token = process.env['BERTH_TOKEN']?.trim();
  if (!token) return (await import('../sign-in/token.ts')).storedToken(url);
  if (isToken(token)) return token;
  throw usageError(
    'BERTH_TOKEN does not contain a token, because it has spaces or line breaks. Set it to the output of: berth tokens create NAME',
  );
};

export const unreachableError = (url: string): CliError =>
  new CliError(
    'internal',
    `Could not reach Berth at ${url}.${proxyHint(url)} Set BERTH_URL to the right URL, or start Berth on this machine with npm start.`,
    exitCodes.failed,
  );
