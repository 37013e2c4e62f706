import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { checkParameter, isPattern } from '../../contracts/parameters.ts';
import { type Parameter, TemplateFile } from '../../contracts/template.ts';
import { BerthError } from '../errors.ts';
import { checkExpressions } from './expressions.ts';
import { inWords, problemOf } from './in-words.ts';
import { aliasProblems, type PathProblem, valuesOf } from './yaml-values.ts';

/** Larger than any template a person writes; keeps a version within one item of the table. */
const maxCharacters = 200_000;
/** A file that is no template at all has a mistake in every line; nobody reads on after so many. */
const mostTold = 100;

export interface Problem {
  line: number;
  column: number;
  field: string;
  detail: string;
}

/** A file that has the form of a template, or everything that is wrong with it; nothing of a wrong file is used. */
export type ReadTemplate =
  | { file: TemplateFile; problems: []; locate: (problem: PathProblem) => Problem }
  | { problems: Problem[] };

/** What somebody else has to say against a file that has the form of a template. */
export type Check = (file: TemplateFile) => PathProblem[];

/** Reads `template.yaml`, which must be of the template `name` when one is given. */
export const readTemplate = (text: string, name?: string, check: Check = () => []): ReadTemplate => {
  if (text.length > maxCharacters) return { problems: [at(1, 1, '', `is longer than ${maxCharacters} characters`)] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const unreadable = syntaxProblems(document, lines);
  if (unreadable.length > 0) return { problems: unreadable };
  const locate = (problem: PathProblem): Problem => ({
    ...position(document, lines, problem.path, problem.atKey),
    field: problem.path.join('.'),
    detail: problem.detail,
  });
  const { values, problems: unkept } = valuesOf(document);
  // Not even the schema goes into what lies too deep.
  if (unkept.length > 0) return { problems: unkept.map(locate) };
  const read = TemplateFile.safeParse(values, { error: inWords });
  if (!read.success) return { problems: read.error.issues.map((issue) => locate(problemOf(issue, 'a template'))) };
  const problems = ruleProblems(read.data, name, check);
  return problems.length === 0 ? { file: read.data, problems: [], locate } : { problems: problems.map(locate) };
};

/**
 * The template of a file. Everything that is wrong is told at once, each with its line and column, as an
 * `invalid_template` BerthError.
 */
export const parseTemplate = (text: string, source = 'template.yaml', name?: string, check?: Check): TemplateFile => {
  const read = readTemplate(text, name, check);
  if ('file' in read) return read.file;
  throw invalid(source, read.problems);
};

const syntaxProblems = (document: Document.Parsed, lines: LineCounter): Problem[] => {
  const wrong = document.errors.map(({ pos, message }) => ({ offset: pos[0], detail: message }));
  const found = wrong.length > 0 ? wrong : aliasProblems(document);
  return found.map(({ offset, detail }) => {
    const { line, col } = lines.linePos(offset);
    return at(line, col, '', detail);
  });
};

/** What a schema cannot say: names used twice, parameters that break their own rules, expressions, the compute. */
const ruleProblems = (file: TemplateFile, name = file.name, check: Check): PathProblem[] => {
  const expressions = checkExpressions(file);
  return [
    ...(file.name === name ? [] : [{ path: ['name'], detail: `is "${file.name}", but it is published as "${name}"` }]),
    ...repeated(file.parameters, 'parameters'),
    ...repeated(file.apps, 'apps'),
    ...file.parameters.flatMap(parameterProblems),
    ...expressions,
    // Expressions that cannot be worked out leave nothing to check.
    ...(expressions.length === 0 ? check(file) : []),
  ];
};

const parameterProblems = (definition: Parameter, index: number): PathProblem[] => {
  const problem = checkParameter(definition, definition.default);
  const isWrong = definition.default !== undefined && problem !== undefined;
  return [
    ...(isWrong ? [{ path: ['parameters', index, 'default'], detail: `breaks a rule of its own: ${problem}` }] : []),
    ...('pattern' in definition && !isPattern(definition.pattern)
      ? [{ path: ['parameters', index, 'pattern'], detail: 'is not a regular expression' }]
      : []),
  ];
};

const repeated = (named: readonly { name: string }[], list: string): PathProblem[] =>
  named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: [list, index, 'name'], detail: `"${name}" is there twice` }],
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

const at = (line: number, column: number, field: string, detail: string): Problem => ({ line, column, field, detail });

const invalid = (source: string, all: Problem[]): BerthError => {
  const problems = all.slice(0, mostTold);
  const told = problems.map(
    (p) => `${source}:${p.line}:${p.column}: ${p.field === '' ? '' : `${p.field} `}${p.detail}`,
  );
  return new BerthError(
    'invalid_template',
    `The template cannot be used. ${told.join('; ')}. Correct it and try again.`,
    {
      errors: problems.map((p) => ({ field: p.field, detail: `line ${p.line}, column ${p.column}: ${p.detail}` })),
    },
  );
};
