import type { Command } from 'commander';
import { distance } from 'fastest-levenshtein';
import { ApiError } from '../../contracts/client/calls.ts';
import { emptyLine, names } from './names.ts';

/** The known name that is most similar to a mistyped one; `undefined` if none is similar. */
const closest = (word: string, known: readonly string[]): string | undefined => {
  // Two transposed letters have a distance of two.
  const maxDistance = Math.min(3, Math.ceil(word.length / 3));
  const near = known.map((name) => ({ name, edits: distance(word.toLowerCase(), name.toLowerCase()) }));
  return near
    .filter(({ edits }) => edits > 0 && edits <= maxDistance)
    .toSorted((one, other) => one.edits - other.edits)[0]?.name;
};

const suggested = async (kind: 'workspace' | 'template', word: unknown): Promise<string | undefined> => {
  if (typeof word !== 'string') return undefined;
  const known = (await names[kind]?.(emptyLine)) ?? [];
  return closest(
    word,
    known.map(({ value }) => value),
  );
};

/**
 * Adds the most similar name to the error if a workspace or a template was not found: `Did you mean demo?`. Returns
 * any other error unchanged.
 */
export const withSuggestion = async (thrown: unknown, command: Command | undefined): Promise<unknown> => {
  if (!(thrown instanceof ApiError) || thrown.error !== 'not_found' || command === undefined) return thrown;
  for (const [index, argument] of command.registeredArguments.entries()) {
    const kind = argument.name();
    if (kind !== 'workspace' && kind !== 'template') continue;
    const name = await suggested(kind, command.processedArgs[index]);
    if (name !== undefined) return withHint(thrown, name);
  }
  const name = await suggested('template', command.opts()['template']);
  return name === undefined ? thrown : withHint(thrown, name);
};

const withHint = ({ problem }: ApiError, name: string): ApiError =>
  new ApiError({ ...problem, detail: `${problem.detail} Did you mean ${name}?` });
