import { data, Evaluator, type Expr, Lexer, Parser } from '@actions/expressions';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';
import { BerthError } from '../../errors.ts';
import type { Value } from '../../ports/table.ts';

/**
 * `${{ }}` expressions in a template's strings, with the syntax of GitHub Actions. They may refer only to
 * `parameters.<name>`, `workspace.name`, `workspace.id` and `workspace.owner`.
 */
export interface ExpressionContext {
  parameters: Record<string, Value>;
  workspace: { id: string; name: string; owner: string };
}

const contexts = ['parameters', 'workspace'];
const pattern = /\$\{\{(.*?)\}\}/gs;

const parse = (source: string): Expr => new Parser(new Lexer(source).lex().tokens, contexts, []).parse();

const dataOf = (value: Value): data.ExpressionData => {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(dataOf));
  return new data.Dictionary(...Object.entries(value).map(([key, part]) => ({ key, value: dataOf(part) })));
};

const toValue = (result: data.ExpressionData): Value => {
  if (result instanceof data.NumberData || result instanceof data.BooleanData) return result.value;
  if (result instanceof data.Array) return result.values().map(toValue);
  return result.coerceString();
};

const evaluate = (source: string, context: data.Dictionary): data.ExpressionData => {
  try {
    return new Evaluator(parse(source), context).evaluate();
  } catch (error) {
    // For example `fromJSON` of invalid JSON: the syntax is valid, but the evaluation fails for these values.
    const message = `The template's expression \${{${source}}} cannot be evaluated: ${(error as Error).message}`;
    throw new BerthError('invalid_template', message, {
      remedy: 'Use other values, or another version of the template.',
      cause: error,
    });
  }
};

/** Evaluates a string's expressions. A string that consists of one expression keeps the type of its value. */
const interpolate = (text: string, context: data.Dictionary): Value => {
  const single = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim());
  if (single?.[1] !== undefined) return toValue(evaluate(single[1], context));
  return text.replace(pattern, (_, source: string) => evaluate(source, context).coerceString());
};

const walk = (value: Value, context: data.Dictionary): Value => {
  if (typeof value === 'string') return value.includes('${{') ? interpolate(value, context) : value;
  if (Array.isArray(value)) return value.map((part) => walk(part, context));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part, context)]));
};

/** Evaluates every expression in a value of the template. */
export const resolveExpressions = <T>(value: T, context: ExpressionContext): T =>
  walk(value as Value, dataOf(context as unknown as Value) as data.Dictionary) as T;

/** The parts of a template in which expressions are evaluated. */
const expressionFields = ['compute', 'agent', 'apps', 'prices'] as const;

/** Finds expressions that cannot be parsed or refer to an undeclared parameter. */
export const checkExpressions = (file: TemplateFile): { path: PropertyKey[]; detail: string }[] => {
  const declared = new Set(file.parameters.map(({ name }) => name));
  return expressionFields.flatMap((field) => check(file[field] as unknown as Value, [field], declared));
};

const check = (value: Value, path: PropertyKey[], declared: Set<string>): { path: PropertyKey[]; detail: string }[] => {
  if (typeof value === 'string')
    return [...value.matchAll(pattern)].flatMap(([, source]) => checkOne(source ?? '', path, declared));
  if (Array.isArray(value)) return value.flatMap((part, index) => check(part, [...path, index], declared));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, part]) => check(part, [...path, name], declared));
};

const checkOne = (source: string, path: PropertyKey[], declared: Set<string>) => {
  try {
    parse(source);
  } catch (error) {
    return [{ path, detail: `has an expression that cannot be parsed: ${(error as Error).message}` }];
  }
  return [...source.matchAll(/\bparameters\.([A-Za-z0-9_-]+)/g)]
    .filter(([, name]) => !declared.has(name ?? ''))
    .map(([, name]) => ({ path, detail: `uses the parameter "${name}", which the template does not declare` }));
};
