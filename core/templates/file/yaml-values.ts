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
const deepest = 24;
/** DynamoDB cannot store numbers closer to 0. */
const smallestNumber = 1e-130;

/**
 * Finds aliases without an anchor and circular aliases, which would make readers loop forever. Each is emptied, so that
 * the rest of the document can be read.
 */
export const takeOutBrokenAliases = (document: Document): { offset: number; detail: string }[] => {
  const problems: { offset: number; detail: string }[] = [];
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      if (target !== undefined && !path.includes(target)) return undefined;
      const what = target === undefined ? 'nothing before it' : 'what it is in';
      problems.push({ offset: alias.range?.[0] ?? 0, detail: `*${alias.source} is an alias of ${what}` });
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
  const values = valuesWithin(document, maxAliasCount);
  const tooDeep = pathsTo(values, [], (value, path) => isContainer(value) && path.length > deepest);
  const detail = `lies more than ${deepest} lists and maps deep`;
  if (tooDeep.length > 0) throw new Unreadable(tooDeep.map((path) => ({ path, detail })));
  const unkept = pathsTo(values, [], (value) => typeof value === 'number' && !isKept(value));
  return {
    values,
    problems: unkept.map((path) => ({ path, detail: 'is a number too large or too small to be kept exactly' })),
  };
};

const valuesWithin = (document: Document, aliases: number): unknown => {
  try {
    return document.toJS({ maxAliasCount: aliases });
  } catch (error) {
    // The parser throws this error if aliases expand too far.
    if (!(error instanceof ReferenceError)) throw error;
    throw new Unreadable([{ path: [], detail: 'has aliases that stand for far too much' }]);
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
const isKept = (number: number): boolean =>
  !Number.isFinite(number) ||
  number === 0 ||
  (Math.abs(number) <= Number.MAX_SAFE_INTEGER && Math.abs(number) >= smallestNumber);
