/** Names an app's session cookie may have: the first where Berth is served by https. */
const names = ['__Host-berth-app', 'berth-app'] as const;

export const cookieName = (secure: boolean): string => (secure ? names[0] : names[1]);

const nameOf = (pair: string): string => (pair.split('=', 1)[0] ?? '').trim();
const isOurs = (pair: string): boolean => names.some((name) => name.toLowerCase() === nameOf(pair).toLowerCase());

export const readCookie = (header: string | undefined, secure: boolean): string | undefined => {
  const pair = header?.split(';').find((one) => nameOf(one) === cookieName(secure));
  return pair?.slice(pair.indexOf('=') + 1).trim();
};

/** A Cookie header as the app may see it; `undefined` when nothing is left. */
export const withoutOurs = (header: string): string | undefined => {
  const kept = header.split(';').filter((pair) => pair.trim() !== '' && !isOurs(pair));
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
};

/** Browsers keep `=name=value` as a value without a name, and send it as `name=value`. */
const asSentBack = (cookie: string): string => (cookie.split(';', 1)[0] ?? '').replace(/^[\s=]+/, '');

/** An app's Set-Cookie headers: none that names our cookie, none that reaches beyond the app's own host. */
export const confine = (setCookies: readonly string[]): string[] =>
  setCookies
    .filter((cookie) => !isOurs(asSentBack(cookie)))
    .map((cookie) =>
      cookie
        .split(';')
        .filter((attribute, index) => index === 0 || nameOf(attribute).toLowerCase() !== 'domain')
        .join(';'),
    );

/** The Set-Cookie header of an app session: for this host alone, out of reach of scripts. */
export const sessionCookie = (session: string, expiresAt: Date, secure: boolean): string =>
  [
    `${cookieName(secure)}=${session}`,
    'Path=/',
    `Expires=${expiresAt.toUTCString()}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ].join('; ');
