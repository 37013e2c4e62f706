import type { Parameter } from './parameters.ts';

/**
 * Validates the values of a template's parameters. Portal and server share these functions, so that both give the same
 * message. An empty string or list counts as missing when the parameter has no default, and is valid when it is the
 * default.
 */

type Of<T extends Parameter['type']> = Extract<Parameter, { type: T }>;
type Check = (value: unknown) => string | undefined;

/** The limits of `ParameterValue`. */
const limits = { text: 4_096, item: 1_024, items: 100 } as const;

export const parameterLabel = (definition: Pick<Parameter, 'name' | 'displayName'>): string =>
  definition.displayName ?? definition.name;

const listed = (values: readonly (string | number)[]): string => values.map((value) => `“${value}”`).join(', ');
const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/**
 * Control characters must not reach an environment or a script; line breaks only where the template allows several
 * lines.
 */
const controlCharacter = (text: string, multiline: boolean): boolean =>
  [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    const lineBreakOrTab = code === 9 || code === 10 || code === 13;
    return (code < 32 && !(multiline && lineBreakOrTab) && code !== 9) || code === 127;
  });

/** Checked without the group that `matchesWhole` adds: `a)|(b` would be valid inside it. */
export const isPattern = (pattern = ''): boolean => {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

/** Whether the whole text matches; `undefined` when the pattern is not a regular expression. */
const matchesWhole = (pattern: string, text: string): boolean | undefined =>
  isPattern(pattern) ? new RegExp(`^(?:${pattern})$`, 'u').test(text) : undefined;

const checkPattern = (definition: Of<'string'>, label: string, text: string): string | undefined => {
  if (definition.pattern === undefined) return undefined;
  const matches = matchesWhole(definition.pattern, text);
  if (matches === undefined) {
    return `${label} cannot be checked: its pattern in the template is not a valid regular expression. Contact the template's author.`;
  }
  return matches ? undefined : (definition.patternMessage ?? `${label} must match ${definition.pattern}.`);
};

const checkString = (definition: Of<'string'>, label: string): Check => {
  const { minLength = 0, maxLength = limits.text, options } = definition;
  return (value) => {
    if (typeof value !== 'string') return `${label} must be text.`;
    if (value === definition.default) return undefined;
    if (options !== undefined) {
      const values = options.map((option) => option.value);
      return values.includes(value) ? undefined : `${label} must be one of ${listed(values)}.`;
    }
    if (controlCharacter(value, definition.multiline)) {
      return `${label} must not contain control characters${definition.multiline ? '' : ' or line breaks'}.`;
    }
    if (value.length < minLength) return `${label} must have at least ${counted(minLength, 'character')}.`;
    if (value.length > maxLength) return `${label} must have at most ${counted(maxLength, 'character')}.`;
    return checkPattern(definition, label, value);
  };
};

const checkNumber = (definition: Of<'number'>, label: string): Check => {
  const { min = -Infinity, max = Infinity, integer, options } = definition;
  return (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return `${label} must be a number.`;
    if (options !== undefined) {
      const values = options.map((option) => option.value);
      return values.includes(value) ? undefined : `${label} must be one of ${listed(values)}.`;
    }
    if (integer && !Number.isInteger(value)) return `${label} must be a whole number.`;
    if (value < min) return `${label} must be at least ${min}.`;
    return value > max ? `${label} must be at most ${max}.` : undefined;
  };
};

const checkBool =
  (label: string): Check =>
  (value) =>
    typeof value === 'boolean' ? undefined : `${label} must be on or off.`;

const checkList = (definition: Of<'list'>, label: string): Check => {
  const { minItems = 0, maxItems = limits.items } = definition;
  const allowed = definition.options?.map((option) => option.value);
  return (value) => {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return `${label} must be a list.`;
    if (value.length === 0 && definition.default?.length === 0) return undefined;
    if (value.length < minItems) return `${label} must have at least ${counted(minItems, 'item')}.`;
    if (value.length > maxItems) return `${label} must have at most ${counted(maxItems, 'item')}.`;
    if (value.some((item) => item.length > limits.item)) {
      return `${label} must have items of at most ${limits.item} characters.`;
    }
    if (value.some((item) => controlCharacter(item, false))) {
      return `${label} must not contain control characters or line breaks.`;
    }
    const unknown = allowed && value.find((item) => !allowed.includes(item));
    return unknown === undefined ? undefined : `${label} may only contain ${listed(allowed ?? [])}, not “${unknown}”.`;
  };
};

const checkOf = (definition: Parameter): Check => {
  const label = parameterLabel(definition);
  switch (definition.type) {
    case 'string':
      return checkString(definition, label);
    case 'number':
      return checkNumber(definition, label);
    case 'bool':
      return checkBool(label);
    case 'list':
      return checkList(definition, label);
  }
};

/** A parameter without a default needs a value. */
export const isRequired = (definition: Parameter): boolean => definition.default === undefined;

/**
 * An empty list is a value of a required list with `minItems: 0`; an empty string is never a value of a required
 * string.
 */
const isMissing = (value: unknown): boolean => value === undefined || value === '';

/**
 * Returns what is wrong with a value, in a sentence that names the parameter; `undefined` for a valid value. A `value`
 * of `undefined` was not given, which is valid for a parameter with a default.
 */
export const checkParameter = (definition: Parameter, value: unknown): string | undefined => {
  if (isMissing(value) && isRequired(definition)) return `${parameterLabel(definition)} is required.`;
  return value === undefined ? undefined : checkOf(definition)(value);
};
