import { type AppHost, parseAppLabel } from '../../../contracts/values/names.ts';

export interface OpenTarget extends AppHost {
  path: string;
}

/** A path as browsers send it, which the app's host appends to its own origin. */
const isPath = (path: string): boolean => /^\/[!-~]*$/.test(path);

/** Parses `/open?app=…&path=…`; `undefined` for a label or path that no gateway would have written. */
export const openTarget = ({ app, path = '/' }: { app?: string; path?: string }): OpenTarget | undefined => {
  const host = app === undefined ? undefined : parseAppLabel(app);
  return host === undefined || !isPath(path) ? undefined : { ...host, path };
};
