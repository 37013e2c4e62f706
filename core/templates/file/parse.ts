import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { checkParameter, isPattern } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';
import { BerthError } from '../../errors.ts';
import { checkExpressions } from './expressions.ts';
import { salvage } from './salvage.ts';
import { type PathProblem, removeBrokenAliases, Unreadable, valuesOf } from './yaml-values.ts';

/** Larger than any template that a person writes, and small enough for a version to fit into one table item. */
const maxCharacters = 200_000;
/** Limits the reported problems: a file that is not a template has one in every line. */
const maxReported = 100;

export interface LocatedProblem {
  line: number;
  column: number;
  field: string;
  detail: string;
}

/** Either a valid template or all problems of the file; no part of an invalid file is used. */
type ReadTemplate =
  | { file: TemplateFile; problems: []; locate: (problem: PathProblem) => LocatedProblem }
  | { problems: LocatedProblem[] };

/** Problems that a caller's check finds in a valid template. */
export type TemplateCheck = (file: TemplateFile) => PathProblem[];

/** Parses `template.yaml`. If `name` is given, the template must have this name. */
export const readTemplate = (text: string, name?: string, check: TemplateCheck = () => []): ReadTemplate => {
  if (text.length > maxCharacters)
    return { problems: [problemAt(1, 1, '', `is longer than ${maxCharacters} characters`)] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const locate = (problem: PathProblem): LocatedProblem => ({
    ...position(document, lines, problem.path, problem.atKey),
    field: problem.path.join('.'),
    detail: problem.detail,
  });
  const unreadable = syntaxProblems(document, lines);
  const { file, problems } = salvagedFrom(document, name, check);
  const readable = problems.filter(isReadable(document)).map(locate);
  const all = sortedByPosition([
    ...unreadable,
    ...readable.filter(({ line, column }) => !isReportedAt(unreadable, line, column)),
  ]);
  return all.length === 0 && file !== undefined ? { file, problems: [], locate } : { problems: all };
};

/** Returns the template in a document, or the part of it that can be checked, and all problems. */
const salvagedFrom = (
  document: Document,
  name: string | undefined,
  check: TemplateCheck,
): { file?: TemplateFile; problems: PathProblem[] } => {
  try {
    const { values, problems: unstorable } = valuesOf(document);
    const { file, problems, originalPath } = salvage(values);
    const rest = file === undefined ? [] : ruleProblems(file, name, check);
    const reported = rest.flatMap((problem) => {
      const path = originalPath(problem.path);
      return path === undefined ? [] : [{ ...problem, path }];
    });
    return { ...(file === undefined ? {} : { file }), problems: [...unstorable, ...problems, ...reported] };
  } catch (error) {
    if (error instanceof Unreadable) return { problems: error.problems };
    throw error;
  }
};

/** After the first YAML syntax error the parser guesses, so problems in the rest are not reported. */
const isReadable = (document: Document.Parsed) => {
  const syntaxErrors = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY').map(({ pos }) => pos[0]);
  const end = Math.min(...syntaxErrors);
  return ({ path, atKey }: PathProblem): boolean => {
    if (syntaxErrors.length === 0) return true;
    const node = nodeAt(document, path, atKey === true);
    return isNode(node) && node.range != null && node.range[1] < end;
  };
};

const isReportedAt = (problems: readonly LocatedProblem[], line: number, column: number): boolean =>
  problems.some((problem) => problem.line === line && problem.column === column);

const sortedByPosition = (problems: LocatedProblem[]): LocatedProblem[] =>
  problems.toSorted((one, other) => one.line - other.line || one.column - other.column);

/**
 * Returns the template in a file. Throws an `invalid_template` BerthError with all problems, each with its line and
 * column.
 */
export const parseTemplate = (
  text: string,
  source = 'template.yaml',
  name?: string,
  check?: TemplateCheck,
): TemplateFile => {
  const read = readTemplate(text, name, check);
  if ('file' in read) return read.file;
  throw invalid(source, read.problems);
};

const syntaxProblems = (document: Document.Parsed, lines: LineCounter): LocatedProblem[] => {
  const wrong = document.errors.map(({ pos, message }) => ({ offset: pos[0], detail: message }));
  return [...wrong, ...removeBrokenAliases(document)].map(({ offset, detail }) => {
    const { line, col } = lines.linePos(offset);
    return problemAt(line, col, '', detail);
  });
};

/** Checks what a schema cannot express: duplicate names, inconsistent parameters, expressions, the compute. */
const ruleProblems = (file: TemplateFile, name = file.name, check: TemplateCheck): PathProblem[] => {
  const expressions = checkExpressions(file);
  return [
    ...(file.name === name ? [] : [{ path: ['name'], detail: `is "${file.name}", but it is published as "${name}"` }]),
    ...duplicateNames(file.parameters, 'parameters'),
    ...duplicateNames(file.apps, 'apps'),
    ...file.parameters.flatMap(parameterProblems),
    ...expressions,
    ...problemsOfCheck(expressions, file, check),
  ];
};

/** Runs `check`, with an example in place of each expression that cannot be evaluated. */
const problemsOfCheck = (broken: readonly PathProblem[], file: TemplateFile, check: TemplateCheck): PathProblem[] => {
  if (broken.length === 0) return check(file);
  const evaluable = structuredClone(file);
  for (const { path } of broken) replaceAt(evaluable, path, 'example');
  return check(evaluable).filter(({ path }) => !broken.some((reported) => startsWith(path, reported.path)));
};

const replaceAt = (whole: unknown, path: readonly PropertyKey[], value: unknown): void => {
  const parent = path.slice(0, -1).reduce((part, key) => (part as Record<PropertyKey, unknown>)[key], whole);
  (parent as Record<PropertyKey, unknown>)[path.at(-1) as PropertyKey] = value;
};

const startsWith = (path: readonly PropertyKey[], prefix: readonly PropertyKey[]): boolean =>
  prefix.every((key, index) => path[index] === key);

const parameterProblems = (definition: Parameter, index: number): PathProblem[] => {
  const problem = checkParameter(definition, definition.default);
  const isWrong = definition.default !== undefined && problem !== undefined;
  return [
    ...(isWrong
      ? [{ path: ['parameters', index, 'default'], detail: `violates the parameter’s own rules: ${problem}` }]
      : []),
    ...('pattern' in definition && !isPattern(definition.pattern)
      ? [{ path: ['parameters', index, 'pattern'], detail: 'is not a regular expression' }]
      : []),
  ];
};

const duplicateNames = (named: readonly { name: string }[], list: string): PathProblem[] =>
  named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: [list, index, 'name'], detail: `"${name}" is used twice` }],
  );

const position = (document: Document, lines: LineCounter, path: readonly PropertyKey[], atKey?: true) => {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length), atKey === true && length === path.length);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
};

const nodeAt = (document: Document, path: readonly PropertyKey[], atKey: boolean): unknown => {
  if (!atKey) return document.getIn(path, true);
  const parent = document.getIn(path.slice(0, -1), true);
  return isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key : undefined;
};

const problemAt = (line: number, column: number, field: string, detail: string): LocatedProblem => ({
  line,
  column,
  field,
  detail,
});

const invalid = (source: string, all: LocatedProblem[]): BerthError => {
  const problems = all.slice(0, maxReported);
  const reported = problems.map(
    (p) => `${source}:${p.line}:${p.column}: ${p.field === '' ? '' : `${p.field} `}${p.detail}`,
  );
  return new BerthError(
    'invalid_template',
    `The template is not valid. ${reported.join('; ')}. Correct it and try again.`,
    {
      errors: problems.map((p) => ({ field: p.field, detail: `line ${p.line}, column ${p.column}: ${p.detail}` })),
    },
  );
};
