import { BerthError } from '../core/errors.ts';
import type { ComputeKind } from './kind.ts';

/** The kinds of compute there are, by the name that template files use. */
export interface ComputeRegistry {
  /** Throws a `BerthError` `invalid_template` for a kind that is not there. */
  get(name: string): ComputeKind<unknown>;
  all(): readonly ComputeKind<unknown>[];
}

export const computeRegistry = (kinds: readonly ComputeKind<unknown>[]): ComputeRegistry => {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const known = [...byName.keys()].sort().join(', ');
  return {
    get(name) {
      const kind = byName.get(name);
      if (kind !== undefined) return kind;
      throw new BerthError(
        'invalid_template',
        `The template asks for compute of kind "${name}", which this Berth does not have. Use one of: ${known}.`,
        { field: 'compute.kind' },
      );
    },
    all: () => kinds,
  };
};
