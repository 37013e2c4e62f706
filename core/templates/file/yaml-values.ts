import { type Document, Scalar, visit } from 'yaml';

/** A problem with a value, and the path of the value. */
export interface PathProblem {
  path: PropertyKey[];
  detail: string;
  /** The field's name is invalid, not its value. */
  atKey?: true;
}

/** Aliases may nest. 100 is far above any legitimate file and far below a "billion laughs" attack. */
const maxAliasCount = 100;
/** DynamoDB nests at most 31 lists and maps, some of which surround the template's own. */
const maxDepth = 24;
/** DynamoDB cannot store numbers closer to 0. */
const smallestNumber = 1e-130;

/**
 * Finds aliases without an anchor and circular aliases, which would make readers loop forever. Each is emptied, so that
 * the rest of the document can be read.
 */
export const removeBrokenAliases = (document: Document): { offset: number; detail: string }[] => {
  const problems: { offset: number; detail: string }[] = [];
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      if (target !== undefined && !path.includes(target)) return undefined;
      const reason = target === undefined ? 'has no anchor before it' : 'refers to a list or map that contains it';
      problems.push({ offset: alias.range?.[0] ?? 0, detail: `*${alias.source} ${reason}` });
      const empty = new Scalar(null);
      empty.range = alias.range ?? null;
      return empty;
    },
  });
  return problems;
};

/** The document must not be traversed: its values nest too deep or expand too far. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly problems: PathProblem[];
  constructor(problems: PathProblem[]) {
    super('the document cannot be read');
    this.problems = problems;
  }
}

/**
 * Returns the document's values, and the numbers that no table can store. Requires a document without broken aliases.
 * Throws `Unreadable`.
 */
export const valuesOf = (document: Document): { values: unknown; problems: PathProblem[] } => {
  const values = expandAliases(document, maxAliasCount);
  const tooDeep = pathsTo(values, [], (value, path) => isContainer(value) && path.length > maxDepth);
  const detail = `is nested in more than ${maxDepth} lists and maps`;
  if (tooDeep.length > 0) throw new Unreadable(tooDeep.map((path) => ({ path, detail })));
  const unstorable = pathsTo(values, [], (value) => typeof value === 'number' && !isStorable(value));
  return {
    values,
    problems: unstorable.map((path) => ({ path, detail: 'is a number too large or too small to be stored exactly' })),
  };
};

const expandAliases = (document: Document, aliases: number): unknown => {
  try {
    return document.toJS({ maxAliasCount: aliases });
  } catch (error) {
    // The parser throws this error if aliases expand too far.
    if (!(error instanceof ReferenceError)) throw error;
    throw new Unreadable([{ path: [], detail: 'has aliases that expand to too many values' }]);
  }
};

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Returns the paths of all `wanted` values, without descending into these. */
const pathsTo = (
  value: unknown,
  path: PropertyKey[],
  wanted: (value: unknown, path: PropertyKey[]) => boolean,
): PropertyKey[][] => {
  if (wanted(value, path)) return [path];
  if (!isContainer(value)) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    pathsTo(part, [...path, Array.isArray(value) ? Number(name) : name], wanted),
  );
};

/** The schema rejects values that are not numbers. */
const isStorable = (number: number): boolean =>
  !Number.isFinite(number) ||
  number === 0 ||
  (Math.abs(number) <= Number.MAX_SAFE_INTEGER && Math.abs(number) >= smallestNumber);
