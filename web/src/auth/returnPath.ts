/** The page after a sign-in that started on no particular page. */
export const homePath = '/workspaces';

/** The limit of CloudFront. */
const maxPathLength = 8_192;

/**
 * Whether this is a path on this site. `//evil`, `/\\evil` and control characters (which browsers remove before they
 * parse a URL) would lead to another site.
 */
export const isLocalPath = (path: unknown): path is string =>
  typeof path === 'string' &&
  path.length <= maxPathLength &&
  /^\/(?![/\\])/.test(path) &&
  ![...path].some((character) => character <= ' ' || character === '\u007f' || character === '\\');

const publicPaths = ['/', '/signed-in'];

/** The page to return to after the sign-in, with its fragment; the home page for anything else. */
export const returnPath = (address: unknown): string => {
  const [, path, fragment = ''] = /^([^#]*)(#[!-~]*)?$/.exec(typeof address === 'string' ? address : '') ?? [];
  return isLocalPath(path) && !publicPaths.includes(path.split('?', 1)[0] ?? '') ? path + fragment : homePath;
};
