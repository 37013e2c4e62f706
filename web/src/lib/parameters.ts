import { checkParameter } from '../../../contracts/parameters.ts';
import type { Parameter, Parameters, ParameterValue } from '../../../contracts/template.ts';

/** A form's parameters while they are edited; `undefined` is a number field that is empty. */
type ParameterForm = Record<string, ParameterValue | undefined>;

const emptyValue = { string: '', number: undefined, bool: false, list: [] } as const;
const empty = (type: Parameter['type']): ParameterValue | undefined => {
  const value = emptyValue[type];
  return Array.isArray(value) ? [] : (value as ParameterValue | undefined);
};

/** What the form opens with. An ephemeral parameter is asked anew each time. */
export const openingValues = (definitions: readonly Parameter[], current: Parameters = {}): ParameterForm =>
  Object.fromEntries(
    definitions.map((definition) => {
      const kept = definition.ephemeral ? undefined : current[definition.name];
      return [definition.name, kept ?? definition.default ?? empty(definition.type)];
    }),
  );

export const fieldOf = (definition: Pick<Parameter, 'name'>): string => `parameters.${definition.name}`;

/** What is wrong, by field. */
export const checkForm = (definitions: readonly Parameter[], form: ParameterForm): Record<string, string> => {
  const errors: Record<string, string> = {};
  for (const definition of definitions) {
    const message = checkParameter(definition, form[definition.name]);
    if (message !== undefined) errors[fieldOf(definition)] = message;
  }
  return errors;
};

/** What is sent: everything that was given. */
export const givenParameters = (definitions: readonly Parameter[], form: ParameterForm): Parameters => {
  const given: Parameters = {};
  for (const { name } of definitions) {
    const value = form[name];
    if (value !== undefined) given[name] = value;
  }
  return given;
};

/** Whether a parameter of an existing workspace may be set at a start; one the workspace has no value of always. */
export const isSettable = (definition: Parameter, current: Parameters): boolean =>
  definition.mutable || definition.ephemeral || current[definition.name] === undefined;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What is sent to change an existing workspace: only what differs from what it has. */
export const changedParameters = (
  definitions: readonly Parameter[],
  form: ParameterForm,
  current: Parameters,
): Parameters => {
  const settable = definitions.filter((definition) => isSettable(definition, current));
  const changed = settable.filter(({ name, ephemeral }) => ephemeral || !same(form[name], current[name]));
  return givenParameters(changed, form);
};

/** Whether a start has to ask something first. */
export const mustAsk = (definitions: readonly Parameter[], current: Parameters): boolean =>
  definitions.some(
    (definition) =>
      definition.default === undefined && (definition.ephemeral || current[definition.name] === undefined),
  );
