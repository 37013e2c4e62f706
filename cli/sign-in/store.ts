import { join } from 'node:path';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { configFolder, readFileIfExists, withFileLock, writePrivateFile } from './files.ts';

// This module does not load zod, because the ProxyCommand, which ssh runs for every connection, needs it too.

interface TokenCredential {
  by: 'token';
  token: string;
}

export interface BrowserCredential {
  by: 'browser';
  issuer: string;
  clientId: string;
  resource?: string;
  accessToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Absent if the provider issues none: the sign-in then ends when the access token expires. */
  refreshToken?: string;
}

/** The credential for one server. */
export type Credential = TokenCredential | BrowserCredential;

export interface Credentials {
  /** The server of the last sign-in, which is the default when BERTH_URL is not set. */
  current?: string;
  berths: Record<string, Credential>;
}

export const credentialsFile = (): string => join(configFolder(), 'credentials.json');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isOptionalText = (value: unknown): boolean => value === undefined || isText(value);

const isCredential = (value: unknown): value is Credential => {
  if (!isObject(value)) return false;
  if (value['by'] === 'token') return isText(value['token']);
  const texts = [value['issuer'], value['clientId'], value['accessToken']];
  const isComplete = texts.every(isText) && typeof value['expiresAt'] === 'number';
  return value['by'] === 'browser' && isComplete && [value['resource'], value['refreshToken']].every(isOptionalText);
};

const isCredentials = (value: unknown): value is Credentials =>
  isObject(value) &&
  isOptionalText(value['current']) &&
  isObject(value['berths']) &&
  Object.values(value['berths']).every(isCredential);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export const readCredentials = (): Credentials => {
  const file = credentialsFile();
  const text = readFileIfExists(file);
  if (text === undefined) return { berths: {} };
  const read = parsed(text);
  if (isCredentials(read)) return read;
  const message = `Could not read ${file}. Remove it, and sign in again with: berth login`;
  throw new CliError('unauthenticated', message, exitCodes.notSignedIn);
};

/** Changes the stored credentials under a lock: a concurrent change waits, and then starts from this one's result. */
export const updateCredentials = <T>(
  change: (before: Credentials) => Promise<{ result: T; after?: Credentials }>,
): Promise<T> =>
  withFileLock(credentialsFile(), async () => {
    const { result, after } = await change(readCredentials());
    if (after !== undefined) await writePrivateFile(credentialsFile(), `${JSON.stringify(after, null, 2)}\n`);
    return result;
  });
