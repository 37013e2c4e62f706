/** The names of an app session's cookie: with https, and without. */
const names = ['__Host-berth-app', 'berth-app'] as const;

const cookieName = (secure: boolean): string => (secure ? names[0] : names[1]);

const nameOf = (pair: string): string => (pair.split('=', 1)[0] ?? '').trim();
const isSessionCookie = (pair: string): boolean =>
  names.some((name) => name.toLowerCase() === nameOf(pair).toLowerCase());

/** The session's secret from a Cookie header. */
export const readSessionCookie = (header: string | undefined, secure: boolean): string | undefined => {
  const pair = header?.split(';').find((one) => nameOf(one) === cookieName(secure));
  return pair?.slice(pair.indexOf('=') + 1).trim();
};

/** A Cookie header without Berth's cookies; `undefined` when no cookie is left. */
export const withoutSessionCookie = (header: string | undefined): string | undefined => {
  const pairs = (header ?? '').split(';').filter((pair) => pair.trim() !== '' && !isSessionCookie(pair));
  return pairs.length === 0 ? undefined : pairs.map((pair) => pair.trim()).join('; ');
};

/** Browsers store `=name=value` as a value without a name, and send it back as `name=value`. */
const pairSentBack = (setCookie: string): string => (setCookie.split(';', 1)[0] ?? '').replace(/^[\s=]+/, '');

/**
 * An app's Set-Cookie headers without those that would overwrite Berth's cookie, and without the Domain attribute: its
 * cookies are for its own host only.
 */
export const restrictSetCookies = (setCookies: readonly string[]): string[] =>
  setCookies
    .filter((cookie) => !isSessionCookie(pairSentBack(cookie)))
    .map((cookie) =>
      cookie
        .split(';')
        .filter((attribute, index) => index === 0 || nameOf(attribute).toLowerCase() !== 'domain')
        .join(';'),
    );

/** The Set-Cookie header that starts an app session: for this host only, and unreadable for scripts. */
export const setSessionCookie = (session: string, expiresAt: Date, secure: boolean): string =>
  [
    `${cookieName(secure)}=${session}`,
    'Path=/',
    `Expires=${expiresAt.toUTCString()}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ].join('; ');
