import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import type * as z from 'zod';
import { Settings } from './settings.ts';

/** Invalid settings. The message lists every problem, one per line. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: string[];
  constructor(file: string, problems: string[]) {
    super(`${file} is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const problemOf = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;

/** Reads a settings file. Throws a `SettingsError` with all problems in it. */
export const readSettings = (file: string): Settings => {
  const result = Settings.safeParse(parseFile(file));
  if (result.success) return result.data;
  throw new SettingsError(file, result.error.issues.map(problemOf));
};

const parseFile = (file: string): unknown => {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new SettingsError(file, [error.message]);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SettingsError(file, ['the file does not exist; start from a copy of infra/settings.example.yaml']);
    }
    throw error;
  }
};
