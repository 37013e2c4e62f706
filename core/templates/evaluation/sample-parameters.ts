import type { Parameter, Parameters, ParameterValue } from '../../../contracts/templates/parameters.ts';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';

/** An example value for a parameter without a default: a template must accept it or explain why not. */
const exampleOf = (definition: Parameter): ParameterValue => {
  switch (definition.type) {
    case 'string':
      return definition.options?.[0]?.value ?? 'example';
    case 'number':
      return definition.options?.[0]?.value ?? definition.min ?? definition.max ?? 1;
    case 'bool':
      return false;
    case 'list':
      return definition.options?.map(({ value }) => value).slice(0, Math.max(1, definition.minItems ?? 0)) ?? [];
  }
};

const alternativesOf = (definition: Parameter): readonly ParameterValue[] => {
  if (definition.type === 'bool') return [true, false];
  if (definition.type === 'list')
    return definition.options === undefined ? [] : [definition.options.map((o) => o.value)];
  return (definition.options ?? []).map(({ value }) => value);
};

/** Returns the defaults, and an example for each parameter without one. */
export const defaultsOf = ({ parameters }: TemplateFile): Parameters =>
  Object.fromEntries(parameters.map((definition) => [definition.name, definition.default ?? exampleOf(definition)]));

/** Parameters that a person may choose, and which of them differ from the defaults. */
export interface Choice {
  parameters: Parameters;
  chosen?: { name: string; value: ParameterValue };
}

/**
 * Returns the defaults, and then each value that a form offers for a parameter in `text`, with all others unchanged:
 * every single choice is tried, but not every combination.
 */
export const choicesOf = (file: TemplateFile, text: string): Choice[] => {
  const { parameters: definitions } = file;
  const defaults = defaultsOf(file);
  const mentioned = definitions.filter(({ name }) => new RegExp(`\\bparameters\\.${name}\\b`).test(text));
  return [
    { parameters: defaults },
    ...mentioned.flatMap((definition) =>
      alternativesOf(definition).map((value) => ({
        parameters: { ...defaults, [definition.name]: value },
        chosen: { name: definition.name, value },
      })),
    ),
  ];
};

/** Parameters whose values are unknown until a person enters them. */
export const freeParameters = ({ parameters }: TemplateFile): string[] =>
  parameters
    .filter((d) => d.default === undefined && d.type !== 'bool' && !('options' in d && d.options !== undefined))
    .map(({ name }) => name);
