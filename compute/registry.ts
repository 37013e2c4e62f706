import { BerthError } from '../core/errors.ts';
import type { KindRegistry } from '../core/ports/compute-kind.ts';

export const computeRegistry = <Kind extends { readonly name: string }>(kinds: readonly Kind[]): KindRegistry<Kind> => {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const names = [...byName.keys()].sort().join(', ');
  return {
    get(name) {
      const kind = byName.get(name);
      if (kind !== undefined) return kind;
      throw new BerthError(
        'invalid_template',
        `The template uses the compute kind "${name}", which is not installed.`,
        { field: 'compute.kind', remedy: `Use one of: ${names}.` },
      );
    },
    all: () => kinds,
  };
};
