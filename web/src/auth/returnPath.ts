/** Where people land who were on no page of their own. */
export const homePath = '/workspaces';

/**
 * A path on this site and nothing else: `//evil`, `/\evil` and control characters (which browsers drop before they
 * read the address) would lead to another site.
 */
export const isLocalPath = (path: unknown): path is string =>
  typeof path === 'string' &&
  path.length <= 2_000 &&
  /^\/(?![/\\])/.test(path) &&
  ![...path].some((character) => character <= ' ' || character === '\u007f' || character === '\\');

const outside = ['/', '/signed-in'];

/** The page to return to after signing in; home for anything that is no page. */
export const returnPath = (path: unknown): string =>
  isLocalPath(path) && !outside.includes(path.split(/[?#]/, 1)[0] ?? '') ? path : homePath;
