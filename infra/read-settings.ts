import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import type * as z from 'zod';
import { Settings } from './settings.ts';

/** Settings that cannot be: `message` tells every problem, a line each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: string[];
  constructor(file: string, problems: string[]) {
    super(`${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const problemOf = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;

/** Reads a settings file. Throws a `SettingsError` that tells everything that is wrong with it. */
export const readSettings = (file: string): Settings => {
  const read = Settings.safeParse(contentOf(file));
  if (read.success) return read.data;
  throw new SettingsError(file, read.error.issues.map(problemOf));
};

const contentOf = (file: string): unknown => {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new SettingsError(file, [error.message]);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SettingsError(file, ['it does not exist; begin with a copy of infra/settings.example.yaml']);
    }
    throw error;
  }
};
