import type { SessionKind } from '../contracts/session.ts';
import { BerthError } from './errors.ts';
import type { Rules } from './rules.ts';
import type { WorkspaceRecord } from './workspaces/record.ts';

/** A way into a workspace: the host of an app or a port, or a session, by a ticket of the portal's or by a token. */
export type Way =
  | { kind: 'app'; app: string }
  | { kind: 'port'; port: number }
  | { kind: 'session'; session: SessionKind; by: 'ticket' | 'bearer' };

type Subject = Pick<WorkspaceRecord, 'name' | 'id' | 'apps' | 'browserOnly'>;

export const isBrowserOnly = ({ browserOnly }: Pick<Subject, 'browserOnly'>, installation: Rules['installation']) =>
  browserOnly === true || installation?.browserOnly === true;

/** What a browser in the portal needs: the terminal, and what the template declares as apps. */
export const isOfBrowser = (way: Way, { apps }: Pick<Subject, 'apps'>): boolean => {
  if (way.kind === 'app') return true;
  if (way.kind === 'port') return apps.some(({ port }) => port === way.port);
  return way.session === 'terminal' && way.by === 'ticket';
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
  return way.kind === 'port' ? `Port ${way.port}` : `The app ${way.app}`;
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
