import type { Parameter } from '../../../contracts/templates/parameters.ts';

export interface Choice {
  value: string | number;
  label: string;
  description?: string | undefined;
}

/** The options of a parameter; `undefined` if it accepts free input. */
export const choicesOf = (definition: Parameter): Choice[] | undefined => {
  if (definition.type === 'bool') return undefined;
  return definition.options?.map(({ value, label, description }) => ({
    value,
    label: label ?? String(value),
    description,
  }));
};

/** Characters of all labels together that fit side by side on a phone. */
const segmentsWidth = 30;

export const fitsSegments = (choices: readonly Choice[]): boolean =>
  choices.length <= 4 && choices.reduce((sum, { label }) => sum + label.length, 0) <= segmentsWidth;
