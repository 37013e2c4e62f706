import type { SessionKind } from '../contracts/session.ts';
import { BerthError } from './errors.ts';
import type { Rules } from './rules.ts';
import type { WorkspaceRecord } from './workspaces/record.ts';

/** By what somebody comes: a ticket of the portal's, or a token. A ticket that an API token got counts as the token. */
export type By = 'browser' | 'token';

export const byOf = ({ apiToken }: { apiToken?: string | undefined }): By =>
  apiToken === undefined ? 'browser' : 'token';

/** A way into a workspace: the host of an app or a port, or a session. */
export type Way = { by: By } & (
  | { kind: 'app'; app: string }
  | { kind: 'port'; port: number }
  | { kind: 'session'; session: SessionKind }
);

type Subject = Pick<WorkspaceRecord, 'name' | 'id' | 'apps' | 'browserOnly'>;

export const isBrowserOnly = ({ browserOnly }: Pick<Subject, 'browserOnly'>, installation: Rules['installation']) =>
  browserOnly === true || installation?.browserOnly === true;

/** What a browser in the portal needs: the terminal, and what the template declares as apps. A script needs a token. */
export const isOfBrowser = (way: Way, { apps }: Pick<Subject, 'apps'>): boolean => {
  if (way.by === 'token') return false;
  if (way.kind === 'app') return true;
  if (way.kind === 'port') return apps.some(({ port }) => port === way.port);
  return way.session === 'terminal';
};

/** Whether a way is one that the workspace, being browser-only, does not have. */
export const isDirect = (way: Way, workspace: Subject, installation: Rules['installation']): boolean =>
  isBrowserOnly(workspace, installation) && !isOfBrowser(way, workspace);

const names: Record<SessionKind, string> = {
  terminal: 'A terminal outside the portal',
  exec: 'Exec',
  ssh: 'SSH',
  port: 'Port forwarding',
};

const nameOf = (way: Way): string => {
  if (way.kind === 'session') return names[way.session];
  const name = way.kind === 'port' ? `Port ${way.port}` : `The app ${way.app}`;
  return way.by === 'token' ? `${name}, opened with an API token,` : name;
};

/** Refuses, with `forbidden`, what a browser-only workspace does not have. */
export const refuseDirect = (way: Way, workspace: Subject, installation: Rules['installation']): void => {
  if (!isDirect(way, workspace, installation)) return;
  throw new BerthError(
    'forbidden',
    `${nameOf(way)} is not possible: the workspace ${workspace.name} is browser-only. Open its terminal or apps in the portal.`,
    { refused: workspace.id },
  );
};
