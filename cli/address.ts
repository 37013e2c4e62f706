import { exitCodes } from './exit-codes.ts';
import { CliError, usageError } from './failure.ts';
import { harmless } from './harmless.ts';
import { readCredentials } from './sign-in/store.ts';

// Apart from connect.ts, so that what ssh runs for every connection loads no more than it needs.

export const readUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url.href.replace(/\/+$/, '');
  throw usageError(`"${harmless(text)}" is no address of a Berth. Write one like https://berth.example.com.`);
};

/** The Berth that is meant: BERTH_URL, else the one that was signed in to last, else one on this machine. */
export const berthUrl = (): string =>
  readUrl(process.env['BERTH_URL'] || readCredentials().current || 'http://localhost:8080');

/** Whether it can be one: it is to stand in a header. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(text);

/** BERTH_TOKEN, else what `berth login` keeps for the address. */
export const tokenFor = async (url: string): Promise<string> => {
  // A file that it was read from may have ended with a line break.
  const token = process.env['BERTH_TOKEN']?.trim();
  if (!token) return (await import('./sign-in/token.ts')).keptToken(url);
  if (isToken(token)) return token;
  throw usageError(
    'What is in BERTH_TOKEN is no token, as it has spaces or line breaks in it. Put there what this prints: berth tokens create NAME',
  );
};

export const unreachable = (url: string): CliError =>
  new CliError(
    'internal',
    `Berth does not answer at ${url}. Is the address right? Set BERTH_URL, or start a Berth on this machine with npm start.`,
    exitCodes.failed,
  );
