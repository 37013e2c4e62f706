import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newSecret } from '../core/secrets.ts';
import { StartError } from './settings.ts';
import { writeWhole } from './write-whole.ts';

export interface DataDir {
  path: (...names: string[]) => string;
  /** A secret of this installation, made when it is first asked for. */
  secret: (name: string) => string;
  /** Remembers a text; whether it is another than at the start before. */
  changed: (name: string, text: string) => boolean;
  /** Lets another process have the folder. */
  release: () => void;
}

/** Opens the folder that holds all state, for this process alone. `StartError` when it cannot be used. */
export const openDataDir = (folder: string): DataDir => {
  makeFolder(folder);
  const lock = takeLock(folder);
  return {
    path: (...names) => join(folder, ...names),
    secret: (name) => readOrMakeSecret(join(folder, `${name}.secret`)),
    changed: (name, text) => isChanged(join(folder, name), text),
    release: () => lock.close(),
  };
};

const makeFolder = (folder: string) => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `Berth cannot keep its state in ${folder}: ${(error as Error).message}. Make it a folder you may write to, or set BERTH_DATA to another.`,
    );
  }
};

/** The lock is the operating system's, on an open file: it cannot outlive the process that holds it. */
const takeLock = (folder: string): DatabaseSync => {
  const file = join(folder, 'lock.sqlite');
  try {
    const lock = new DatabaseSync(file);
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    throw new StartError(
      /locked/.test((error as Error).message)
        ? `Another Berth already works in ${folder}. Stop it first, or set BERTH_DATA to another folder.`
        : `Berth cannot use ${file}: ${(error as Error).message}. Remove that file and start again; it holds no data.`,
    );
  }
};

const isChanged = (file: string, text: string): boolean => {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  writeWhole(file, text);
  return before !== undefined && before !== text;
};

const readOrMakeSecret = (file: string): string => {
  if (!existsSync(file)) writeWhole(file, newSecret());
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32) {
    throw new StartError(`The secret in ${file} is damaged. Restore it, or remove it and sign in anew.`);
  }
  return secret;
};
