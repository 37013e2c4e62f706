import { checkParameter } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter, Parameters, ParameterValue } from '../../../contracts/templates/parameters.ts';

/** The values of a form while it is edited; an empty number field is `undefined`. */
type ParameterForm = Record<string, ParameterValue | undefined>;

const emptyValue = { string: '', number: undefined, bool: false, list: [] } as const;
const empty = (type: Parameter['type']): ParameterValue | undefined => {
  const value = emptyValue[type];
  return Array.isArray(value) ? [] : (value as ParameterValue | undefined);
};

/** The values a form starts with. An ephemeral parameter starts from its default each time. */
export const initialValues = (definitions: readonly Parameter[], current: Parameters = {}): ParameterForm =>
  Object.fromEntries(
    definitions.map((definition) => {
      const currentValue = definition.ephemeral ? undefined : current[definition.name];
      return [definition.name, currentValue ?? definition.default ?? empty(definition.type)];
    }),
  );

export const fieldOf = (definition: Pick<Parameter, 'name'>): string => `parameters.${definition.name}`;

/** The errors, by field. */
export const checkForm = (definitions: readonly Parameter[], form: ParameterForm): Record<string, string> => {
  const errors: Record<string, string> = {};
  for (const definition of definitions) {
    const message = checkParameter(definition, form[definition.name]);
    if (message !== undefined) errors[fieldOf(definition)] = message;
  }
  return errors;
};

/** The parameters to send: all that have a value. */
export const givenParameters = (definitions: readonly Parameter[], form: ParameterForm): Parameters => {
  const given: Parameters = {};
  for (const { name } of definitions) {
    const value = form[name];
    if (value !== undefined) given[name] = value;
  }
  return given;
};

/** Whether a start may set the parameter: if it may change, or if the workspace has no value for it yet. */
export const isSettable = (definition: Parameter, current: Parameters): boolean =>
  definition.mutable || definition.ephemeral || current[definition.name] === undefined;

/** A note for parameters that cannot change after creation. */
export const fixedNote = ({ mutable, ephemeral }: Pick<Parameter, 'mutable' | 'ephemeral'>): string | undefined =>
  mutable || ephemeral ? undefined : 'Cannot be changed later.';

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The parameters to send for an existing workspace: those that differ from its current ones. */
export const changedParameters = (
  definitions: readonly Parameter[],
  form: ParameterForm,
  current: Parameters,
): Parameters => {
  const settable = definitions.filter((definition) => isSettable(definition, current));
  const changed = settable.filter(({ name, ephemeral }) => ephemeral || !isEqual(form[name], current[name]));
  return givenParameters(changed, form);
};

/** Whether a start needs values from the person first. */
export const needsInput = (definitions: readonly Parameter[], current: Parameters): boolean =>
  definitions.some(
    (definition) =>
      definition.default === undefined && (definition.ephemeral || current[definition.name] === undefined),
  );
