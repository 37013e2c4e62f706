import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter, ParameterValue } from '../../../contracts/templates/parameters.ts';
import { fieldOf } from '../templates/parameterForm.ts';

/** Form values from a link: `?name=demo&greeting=Hey`, a list as `?tools=git,vim`. */
export interface Prefill {
  name?: string;
  values: Record<string, ParameterValue | undefined>;
  /** Errors of values that do not fit the type, by field. */
  wrong: Record<string, string>;
  /** Names that are no parameters of the template. */
  unknown: string[];
}

const trueTexts = ['true', 'on', 'yes', '1'];
const falseTexts = ['false', 'off', 'no', '0'];

/** Parses a text as the parameter's type; `undefined` if it does not fit. */
const parseText = (definition: Parameter, text: string): ParameterValue | undefined => {
  switch (definition.type) {
    case 'string':
      return text;
    case 'number':
      return text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text);
    case 'bool':
      if (trueTexts.includes(text)) return true;
      return falseTexts.includes(text) ? false : undefined;
    case 'list':
      return text.split(',').map((item) => item.trim());
  }
};

/** `name` is the name of the workspace; a parameter called `name` is given as `parameters.name`. */
export const prefillOf = (definitions: readonly Parameter[], search: Record<string, string>): Prefill => {
  const { name, ...given } = search;
  const prefill: Prefill = { ...(name === undefined ? {} : { name }), values: {}, wrong: {}, unknown: [] };
  for (const [key, text] of Object.entries(given)) {
    const definition = definitions.find((one) => key === fieldOf(one) || (key === one.name && key !== 'name'));
    if (definition === undefined) {
      prefill.unknown.push(key);
      continue;
    }
    const value = parseText(definition, text);
    if (value === undefined) prefill.wrong[fieldOf(definition)] = `${parameterLabel(definition)} cannot be “${text}”.`;
    else prefill.values[definition.name] = value;
  }
  return prefill;
};

export const isPrefilled = ({ name, values, wrong }: Prefill): boolean =>
  name !== undefined || Object.keys(values).length > 0 || Object.keys(wrong).length > 0;
