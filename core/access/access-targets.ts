import { type AppHost, portOf } from '../../contracts/values/names.ts';
import type { Actor, Person } from '../actor.ts';
import type { Rules } from '../rules.ts';
import { type AccessTarget, type CredentialKind, requireBrowserTarget } from './browser-only.ts';
import {
  type AccessedWorkspace,
  type ActiveShares,
  mayAccessWorkspace,
  mayOpenTarget,
  workspaceNotFound,
} from './policy.ts';
import { activeSharesFor } from './share-store.ts';

/** The target behind a host, whose `app` is an app's name or a port number. */
export const accessTargetOf = (
  app: AppHost['app'],
  credential: CredentialKind,
): Exclude<AccessTarget, { kind: 'session' }> => {
  const port = portOf(app);
  return port === undefined ? { kind: 'app', app, credential } : { kind: 'port', port, credential };
};

export const accessTargetText = (target: AccessTarget): string => {
  if (target.kind === 'session') return `${target.session} by ${target.credential}`;
  return target.kind === 'app' ? `app ${target.app}` : `port ${target.port}`;
};

/** Whether the actor may open the target, given the active shares that concern them. */
export const mayAccess = (
  actor: Actor,
  target: AccessTarget,
  workspace: AccessedWorkspace,
  shares: ActiveShares,
): boolean =>
  target.kind === 'session'
    ? mayAccessWorkspace(actor, 'use', workspace, shares)
    : mayOpenTarget(actor, target, workspace, shares);

/**
 * Throws `notAllowed` (a `not_found`) for a target that the person may not open, and `forbidden` for one that the
 * workspace does not offer.
 */
export const requireAccess = async (
  rules: Rules,
  person: Person,
  target: AccessTarget,
  workspace: AccessedWorkspace,
  notAllowed = workspaceNotFound(workspace.id, workspace.id),
): Promise<void> => {
  if (!mayAccess(person, target, workspace, await activeSharesFor(rules, person, workspace))) throw notAllowed;
  requireBrowserTarget(target, workspace, rules.installation);
};
