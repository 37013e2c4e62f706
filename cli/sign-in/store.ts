import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { CliError } from '../failure.ts';
import { alone, configFolder, readIfThere, writePrivate } from './files.ts';

// Without zod, as what ssh runs for every connection reads this too.

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
  /** Absent where the provider gives none: then the sign-in is over with the access token. */
  refreshToken?: string;
}

/** By what one is signed in at one Berth. */
export type SignedIn = TokenSignIn | BrowserSignIn;

export interface Credentials {
  /** The Berth that was signed in to last, which is meant where BERTH_URL says nothing. */
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

/** Changes what is kept. Whoever else does so at the same time waits, and sees the change. */
export const changeCredentials = <T>(
  change: (before: Credentials) => Promise<{ answer: T; after?: Credentials }>,
): Promise<T> =>
  alone(credentialsFile(), async () => {
    const { answer, after } = await change(readCredentials());
    if (after !== undefined) await writePrivate(credentialsFile(), `${JSON.stringify(after, null, 2)}\n`);
    return answer;
  });
