import { checkParameter, isRequired, parameterLabel } from '../../contracts/templates/check-parameters.ts';
import type { Parameter, Parameters, ParameterValue } from '../../contracts/templates/parameters.ts';
import { usageError } from '../io/errors.ts';

/** Splits `name=value` at the first equals sign; the value may contain more. */
const split = (assignment: string): [string, string] => {
  const at = assignment.indexOf('=');
  if (at > 0) return [assignment.slice(0, at), assignment.slice(at + 1)];
  throw usageError(`Invalid parameter "-p ${assignment}". Use -p name=value.`);
};

const booleans: Record<string, boolean> = { true: true, yes: true, on: true, false: false, no: false, off: false };

/** Parses the value by its type. Invalid text is returned unchanged, so that the validation reports it. */
const parseValue = (definition: Parameter, text: string): ParameterValue => {
  switch (definition.type) {
    case 'string':
      return text;
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'bool':
      return booleans[text.toLowerCase()] ?? text;
    case 'list':
      return text === '' ? [] : text.split(',').map((item) => item.trim());
  }
};

const formatHint = (definition: Parameter): string => {
  switch (definition.type) {
    case 'bool':
      return ' Use true or false.';
    case 'list':
      return ' Separate its items with commas.';
    default:
      return '';
  }
};

/** The required parameters that have no value. */
export const missingParameters = (definitions: readonly Parameter[], assignments: readonly string[]): Parameter[] => {
  const given = new Set(assignments.map((assignment) => split(assignment)[0]));
  return definitions.filter((definition) => isRequired(definition) && !given.has(definition.name));
};

/**
 * Parses the parameters of `-p` options by the template's definitions. Throws one usage error that lists every problem.
 * With `complete`, a missing required parameter is a problem too.
 */
export const parseParameters = (
  definitions: readonly Parameter[],
  assignments: readonly string[],
  { complete }: { complete: boolean },
): Parameters => {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const values: Parameters = {};
  const problems: string[] = [];
  for (const [name, text] of assignments.map(split)) {
    const definition = byName.get(name);
    if (definition === undefined) {
      const known = [...byName.keys()].join(', ') || 'none';
      problems.push(`The template has no parameter "${name}". Its parameters: ${known}.`);
      continue;
    }
    if (name in values) problems.push(`-p ${name} is set twice. Write a list as ${name}=one,two.`);
    const value = parseValue(definition, text);
    const problem = checkParameter(definition, value);
    if (problem !== undefined) problems.push(problem + formatHint(definition));
    values[name] = value;
  }
  const missing = complete ? missingParameters(definitions, assignments) : [];
  for (const definition of missing)
    problems.push(`${parameterLabel(definition)} is required: add -p ${definition.name}=…`);
  if (problems.length > 0) throw usageError(problems.join('\n'));
  return values;
};
