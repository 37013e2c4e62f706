import { checkParameter } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter, Parameters } from '../../../contracts/templates/parameters.ts';
import { quoted } from '../../access/policy.ts';
import { BerthError } from '../../errors.ts';

interface ParameterRequest {
  definitions: readonly Parameter[];
  /** The values in the request. */
  given: Parameters;
  /** The workspace's current values; absent when it is created. */
  existing?: Parameters;
}

interface ResolvedParameters {
  /** Stored with the workspace. */
  kept: Parameters;
  /** Used for this build only. */
  ephemeral: Parameters;
}

interface Problem {
  field: string;
  detail: string;
}

/**
 * Returns a build's parameters: the requested value, else the previous one, else the default. Throws an
 * `invalid_parameter` BerthError with all problems, whose fields are `parameters.<name>`.
 */
export const resolveParameters = ({ definitions, given, existing }: ParameterRequest): ResolvedParameters => {
  const problems: Problem[] = unknownNames(definitions, given);
  const kept: Parameters = {};
  const ephemeral: Parameters = {};
  for (const definition of definitions) {
    const value = given[definition.name] ?? existing?.[definition.name] ?? definition.default;
    const detail = problemWith(definition, value, given, existing);
    if (detail !== undefined) problems.push({ field: `parameters.${definition.name}`, detail });
    else if (value !== undefined) (definition.ephemeral ? ephemeral : kept)[definition.name] = value;
  }
  const [first] = problems;
  if (first !== undefined) {
    throw new BerthError('invalid_parameter', problems.map(({ detail }) => detail).join(' '), {
      field: first.field,
      errors: problems,
    });
  }
  return { kept, ephemeral };
};

const unknownNames = (definitions: readonly Parameter[], given: Parameters): Problem[] =>
  Object.keys(given)
    .filter((name) => !definitions.some((definition) => definition.name === name))
    .map((name) => ({
      field: `parameters.${name}`,
      detail: `The template has no parameter ${quoted(name)}. It has: ${definitions.map((d) => d.name).join(', ') || 'none'}.`,
    }));

const problemWith = (
  definition: Parameter,
  value: unknown,
  given: Parameters,
  existing: Parameters | undefined,
): string | undefined => {
  const label = definition.displayName ?? definition.name;
  if (value === undefined) return `${label} is required. Set the parameter ${definition.name}.`;
  const before = existing?.[definition.name];
  const changes = definition.name in given && before !== undefined && JSON.stringify(before) !== JSON.stringify(value);
  if (changes && !definition.mutable) {
    return `${label} cannot be changed after the workspace was created. Create a new workspace with the other value.`;
  }
  return checkParameter(definition, value);
};
