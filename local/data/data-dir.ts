import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newSecret } from '../../core/crypto/secrets.ts';
import { StartError } from '../settings/settings.ts';
import { writeAtomically } from './atomic-write.ts';

export interface DataDir {
  path: (...names: string[]) => string;
  /** Returns a secret of this installation, which is generated on first use. */
  secret: (name: string) => string;
  /** Returns the text that was stored under a name. */
  load: (name: string) => string | undefined;
  store: (name: string, text: string) => void;
  /** Releases the lock on the folder. */
  release: () => void;
}

/** Opens and locks the folder of all state. Throws `StartError` if it cannot be used. */
export const openDataDir = (folder: string): DataDir => {
  makeFolder(folder);
  const lock = acquireLock(folder);
  return {
    path: (...names) => join(folder, ...names),
    secret: (name) => readOrMakeSecret(join(folder, `${name}.secret`)),
    load: (name) => readIfThere(join(folder, name)),
    store: (name, text) => writeAtomically(join(folder, name), text),
    release: () => lock.close(),
  };
};

const makeFolder = (folder: string) => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `Berth cannot store its state in ${folder}: ${(error as Error).message}. Make the folder writable, or set BERTH_DATA to another one.`,
    );
  }
};

/** Uses an operating-system lock on an open file, which ends with the process that acquired it. */
const acquireLock = (folder: string): DatabaseSync => {
  const file = join(folder, 'lock.sqlite');
  try {
    const lock = new DatabaseSync(file);
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    throw new StartError(
      /locked/.test((error as Error).message)
        ? `Another Berth already uses ${folder}. Stop it first, or set BERTH_DATA to another folder.`
        : `Berth cannot use ${file}: ${(error as Error).message}. Remove that file and start again; it contains no data.`,
    );
  }
};

const readIfThere = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

const readOrMakeSecret = (file: string): string => {
  if (!existsSync(file)) writeAtomically(file, newSecret());
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32) {
    throw new StartError(`The secret in ${file} is damaged. Restore it, or remove it and sign in again.`);
  }
  return secret;
};
