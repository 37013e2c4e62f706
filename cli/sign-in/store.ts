import { join } from 'node:path';
import { exitCodes } from '../io/exit-codes.ts';
import { CliError } from '../io/failure.ts';
import { alone, configFolder, readIfThere, writePrivate } from './files.ts';

// This module does not load zod, because the ProxyCommand, which ssh runs for every connection, needs it too.

export interface TokenSignIn {
  by: 'token';
  token: string;
}

export interface BrowserSignIn {
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
export type SignedIn = TokenSignIn | BrowserSignIn;

export interface Credentials {
  /** The server of the last sign-in, which is the default when BERTH_URL is not set. */
  current?: string;
  berths: Record<string, SignedIn>;
}

export const credentialsFile = (): string => join(configFolder(), 'credentials.json');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextIfAny = (value: unknown): boolean => value === undefined || isText(value);

const isSignedIn = (value: unknown): value is SignedIn => {
  if (!isObject(value)) return false;
  if (value['by'] === 'token') return isText(value['token']);
  const texts = [value['issuer'], value['clientId'], value['accessToken']];
  const isWhole = texts.every(isText) && typeof value['expiresAt'] === 'number';
  return value['by'] === 'browser' && isWhole && [value['resource'], value['refreshToken']].every(isTextIfAny);
};

const isCredentials = (value: unknown): value is Credentials =>
  isObject(value) &&
  isTextIfAny(value['current']) &&
  isObject(value['berths']) &&
  Object.values(value['berths']).every(isSignedIn);

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
  const text = readIfThere(file);
  if (text === undefined) return { berths: {} };
  const read = parsed(text);
  if (isCredentials(read)) return read;
  const message = `What ${file} holds cannot be read. Remove it, and sign in again with: berth login`;
  throw new CliError('unauthenticated', message, exitCodes.notSignedIn);
};

/** Changes the stored credentials under a lock: a concurrent change waits, and then starts from this one's result. */
export const changeCredentials = <T>(
  change: (before: Credentials) => Promise<{ answer: T; after?: Credentials }>,
): Promise<T> =>
  alone(credentialsFile(), async () => {
    const { answer, after } = await change(readCredentials());
    if (after !== undefined) await writePrivate(credentialsFile(), `${JSON.stringify(after, null, 2)}\n`);
    return answer;
  });
