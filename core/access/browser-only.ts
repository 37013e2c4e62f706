import type { SessionKind } from '../../contracts/sessions/session.ts';
import { BerthError } from '../errors.ts';
import type { Rules } from '../rules.ts';
import type { AccessedWorkspace } from './policy.ts';

/**
 * The credential of a connection: a ticket from the portal, or a token. A ticket issued to an API token counts as a
 * token.
 */
export type CredentialKind = 'browser' | 'token';

export const credentialKindOf = ({ apiToken }: { apiToken?: string | undefined }): CredentialKind =>
  apiToken === undefined ? 'browser' : 'token';

/** What is opened in a workspace: the host of an app or a port, or a session. */
export type AccessTarget = { credential: CredentialKind } & (
  | { kind: 'app'; app: string }
  | { kind: 'port'; port: number }
  | { kind: 'session'; session: SessionKind }
);

type Installation = Rules['installation'];

export const isBrowserOnly = (
  { browserOnly }: Pick<AccessedWorkspace, 'browserOnly'>,
  installation: Installation,
): boolean => browserOnly === true || installation?.browserOnly === true;

/** What people use in the portal: the terminal, and the apps that the template declares. A script needs a token. */
export const isBrowserTarget = (target: AccessTarget, { apps }: Pick<AccessedWorkspace, 'apps'>): boolean => {
  if (target.credential === 'token') return false;
  if (target.kind === 'app') return true;
  if (target.kind === 'port') return apps.some(({ port }) => port === target.port);
  return target.session === 'terminal';
};

/** Whether the workspace is browser-only and the target is not for browsers. */
export const isRefusedByBrowserOnly = (
  target: AccessTarget,
  workspace: AccessedWorkspace,
  installation: Installation,
): boolean => isBrowserOnly(workspace, installation) && !isBrowserTarget(target, workspace);

const sessionNames: Record<SessionKind, string> = {
  terminal: 'A terminal outside the portal',
  exec: 'Exec',
  ssh: 'SSH',
  port: 'Port forwarding',
  ports: 'The list of ports',
};

const nameOf = (target: AccessTarget): string => {
  if (target.kind === 'session') return sessionNames[target.session];
  const name = target.kind === 'port' ? `Port ${target.port}` : `The app ${target.app}`;
  return target.credential === 'token' ? `${name}, opened with an API token,` : name;
};

/** Throws `forbidden` for a target that a browser-only workspace does not offer. */
export const requireBrowserTarget = (
  target: AccessTarget,
  workspace: AccessedWorkspace,
  installation: Installation,
): void => {
  if (!isRefusedByBrowserOnly(target, workspace, installation)) return;
  throw new BerthError(
    'forbidden',
    `${nameOf(target)} is not available, because the workspace ${workspace.name} is browser-only. Open its terminal or apps in the portal.`,
    { refused: workspace.id },
  );
};
