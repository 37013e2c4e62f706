import { type AppHost, appLabel, parseAppLabel } from '../../contracts/values/names.ts';

/** Where an installation serves its apps: each on a host below one domain. */
export interface AppDomain {
  appDomain: string;
  /** Browsers reach the apps by https. */
  secure: boolean;
}

const normalize = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.+$/, '');

/**
 * Whether a Host header names a host below the app domain, in any spelling. It is lenient, so that a misspelled app
 * host never reaches another part of Berth.
 */
export const isBelowAppDomain = (host: string | undefined, appDomain: string): boolean =>
  host !== undefined && normalize(host).endsWith(`.${normalize(appDomain)}`);

/**
 * The app that a Host header names. It is strict about case, port and trailing dots: to a browser two spellings of a
 * name are two origins, to the gateway they would be one.
 */
export const parseAppHost = (host: string | undefined, appDomain: string): AppHost | undefined => {
  const suffix = `.${appDomain}`;
  return host?.endsWith(suffix) ? parseAppLabel(host.slice(0, -suffix.length)) : undefined;
};

export const originOf = (host: AppHost, { appDomain, secure }: AppDomain): string =>
  `${secure ? 'https' : 'http'}://${appLabel(host)}.${appDomain}`;
