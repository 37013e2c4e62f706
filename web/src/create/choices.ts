import type { Parameter } from '../../../contracts/templates/parameters.ts';

export interface ParameterChoice {
  value: string | number;
  label: string;
  description?: string | undefined;
}

/** The options of a parameter; `undefined` if it accepts free input. */
export const choicesOf = (definition: Parameter): ParameterChoice[] | undefined => {
  if (definition.type === 'bool') return undefined;
  return definition.options?.map(({ value, label, description }) => ({
    value,
    label: label ?? String(value),
    description,
  }));
};

/** Characters of all labels together that fit side by side on a phone. */
const segmentsWidth = 30;

export const fitsSegments = (choices: readonly ParameterChoice[]): boolean =>
  choices.length <= 4 && choices.reduce((sum, { label }) => sum + label.length, 0) <= segmentsWidth;
