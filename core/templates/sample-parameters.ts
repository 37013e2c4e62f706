import type { Parameter, Parameters, ParameterValue, TemplateFile } from '../../contracts/template.ts';

/** A value of the type, for a parameter without a default: any template must be able to take it or say why not. */
const sampleOf = (definition: Parameter): ParameterValue => {
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

/** Parameters that a person may choose, and what of it differs from the defaults. */
export interface Choice {
  parameters: Parameters;
  chosen?: { name: string; value: ParameterValue };
}

/**
 * The defaults, and then each value that a form offers for a parameter that `text` speaks of, the others left as they
 * are: every single choice is tried, not every combination.
 */
export const choicesOf = ({ parameters: definitions }: TemplateFile, text: string): Choice[] => {
  const defaults = Object.fromEntries(definitions.map((d) => [d.name, d.default ?? sampleOf(d)]));
  const spokenOf = definitions.filter(({ name }) => new RegExp(`\\bparameters\\.${name}\\b`).test(text));
  return [
    { parameters: defaults },
    ...spokenOf.flatMap((definition) =>
      alternativesOf(definition).map((value) => ({
        parameters: { ...defaults, [definition.name]: value },
        chosen: { name: definition.name, value },
      })),
    ),
  ];
};

/** Parameters whose value nobody can know before a person gives it. */
export const freeParameters = ({ parameters }: TemplateFile): string[] =>
  parameters
    .filter((d) => d.default === undefined && d.type !== 'bool' && !('options' in d && d.options !== undefined))
    .map(({ name }) => name);
