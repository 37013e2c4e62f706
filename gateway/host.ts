import { type AppHost, parseAppLabel } from '../contracts/names.ts';

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.+$/, '');

/** Whether a Host header, however odd, means a name below the app domain, so that no other part of Berth answers it. */
export const isBelow = (host: string | undefined, appDomain: string): boolean =>
  host !== undefined && nameOf(host).endsWith(`.${nameOf(appDomain)}`);

/**
 * The app a Host header names; exact in case, port and dots, since two spellings of one name are two origins to a
 * browser and one to us.
 */
export const appHostOf = (host: string | undefined, appDomain: string): AppHost | undefined => {
  const suffix = `.${appDomain}`;
  return host?.endsWith(suffix) ? parseAppLabel(host.slice(0, -suffix.length)) : undefined;
};
