import { type AppHost, parseAppLabel } from '../../../contracts/names.ts';
import { isLocalPath } from '../auth/returnPath.ts';

export interface OpenTarget extends AppHost {
  path: string;
}

/**
 * What `/open?app=…&path=…` asks for; `undefined` for a label or a path that no gateway wrote. The path is handed to
 * the app's host, where `//evil` would lead elsewhere.
 */
export const openTarget = ({ app, path = '/' }: { app?: string; path?: string }): OpenTarget | undefined => {
  const host = app === undefined ? undefined : parseAppLabel(app);
  return host === undefined || !isLocalPath(path) ? undefined : { ...host, path };
};
