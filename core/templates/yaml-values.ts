import { type Document, visit } from 'yaml';

/** What is wrong with a value, by where it lies. */
export interface PathProblem {
  path: PropertyKey[];
  detail: string;
  /** What is wrong is the field's name, not its value. */
  atKey?: true;
}

/** Aliases may nest; 100 is far above any honest file and far below a "billion laughs". */
const maxAliasCount = 100;
/** An item of the table takes 31 lists and maps in one another, some of them around the template's own. */
const deepest = 24;
/** Nearer to 0, a number cannot be kept by DynamoDB. */
const smallestNumber = 1e-130;

/** Aliases that lead nowhere, or around in a circle that nothing which reads the values would get out of. */
export const aliasProblems = (document: Document): { offset: number; detail: string }[] => {
  const problems: { offset: number; detail: string }[] = [];
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      const offset = alias.range?.[0] ?? 0;
      if (target === undefined) problems.push({ offset, detail: `*${alias.source} is an alias of nothing before it` });
      else if (path.includes(target))
        problems.push({ offset, detail: `*${alias.source} is an alias of what it is in` });
    },
  });
  return problems;
};

/** The document's values, and what no table could keep of them. Wants a document whose aliases are in order. */
export const valuesOf = (document: Document): { values: unknown; problems: PathProblem[] } => {
  try {
    const values = document.toJS({ maxAliasCount });
    return { values, problems: unkept(values, []) };
  } catch (error) {
    // What the parser throws for more aliases than it may write out.
    if (!(error instanceof ReferenceError)) throw error;
    return { values: undefined, problems: [{ path: [], detail: 'has aliases that stand for far too much' }] };
  }
};

const unkept = (value: unknown, path: PropertyKey[]): PathProblem[] => {
  if (typeof value === 'number') {
    return isKept(value) ? [] : [{ path, detail: 'is a number too large or too small to be kept exactly' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (path.length > deepest) return [{ path, detail: `lies more than ${deepest} lists and maps deep` }];
  const inside = Object.entries(value);
  return inside.flatMap(([name, part]) => unkept(part, [...path, Array.isArray(value) ? Number(name) : name]));
};

/** What is no number at all is the schema's to refuse. */
const isKept = (number: number): boolean =>
  !Number.isFinite(number) ||
  number === 0 ||
  (Math.abs(number) <= Number.MAX_SAFE_INTEGER && Math.abs(number) >= smallestNumber);
