import { BerthError } from '../core/errors.ts';
import type { ComputeKind } from './kind.ts';

/** The kinds of compute there are, by the name that template files use. */
export interface Registry<Kind> {
  /** Throws a `BerthError` `invalid_template` for a kind that is not there. */
  get(name: string): Kind;
  all(): readonly Kind[];
}
export type ComputeRegistry = Registry<ComputeKind<unknown>>;

export const computeRegistry = <Kind extends { readonly name: string }>(kinds: readonly Kind[]): Registry<Kind> => {
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
