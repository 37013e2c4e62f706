import { type RouteName, routes } from '../../contracts/routes/routes.ts';
import { BerthError } from '../../core/errors.ts';

/** A path template as a pattern: `{x}` stands for one segment. */
const patternOf = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`);

/**
 * Methods that a path takes of the given routes; none when there is no such path. The router does not tell the two
 * apart.
 */
export const methodsOf = (names: readonly RouteName[]) => {
  const patterns = names.map((name) => ({ method: routes[name].method, pattern: patternOf(routes[name].path) }));
  return (path: string): string[] => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
};

export const noRoute = (methods: readonly string[]): BerthError =>
  methods.length === 0
    ? new BerthError('not_found', 'There is nothing at this address. See /openapi.json for what there is.')
    : new BerthError('method_not_allowed', `This address takes ${methods.join(', ')}. Use one of them.`);
