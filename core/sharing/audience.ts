import { portOf } from '../../contracts/values/names.ts';
import { inactiveReason } from '../access/share-limits.ts';
import { type ShareRecord, withText } from '../access/share-record.ts';
import { loadShares } from '../access/share-store.ts';
import type { Rules } from '../rules.ts';
import { loadWorkspace } from '../workspaces/store.ts';

const isShareOf = ({ what }: Pick<ShareRecord, 'what'>, target: string): boolean =>
  (what.kind === 'app' && what.app === target) || (what.kind === 'port' && String(what.port) === target);

const audienceOf = (shares: readonly ShareRecord[], target: string): Set<string> =>
  new Set(shares.filter((share) => isShareOf(share, target)).map((share) => withText(share.with)));

/**
 * Returns whether pages of one app or port of a workspace may send requests to another with the viewer's session:
 * everyone who can use the first, and could thus control its pages, must have access to the second. People with access
 * to the whole workspace may open both anyway. Costs a get and a query.
 */
export const mayRequestAcross = async (
  rules: Rules,
  workspaceId: string,
  from: string,
  to: string,
): Promise<boolean> => {
  const workspace = await loadWorkspace(rules.table, workspaceId);
  const exists = (target: string) =>
    portOf(target) !== undefined || workspace?.apps.some(({ name }) => name === target);
  if (workspace === undefined || !exists(from) || !exists(to)) return false;
  const { shares, unreadable } = await loadShares(rules, workspaceId);
  // An unreadable share may name a person who can use the first app only.
  if (unreadable > 0) return false;
  const active = shares.filter((share) => inactiveReason(share, workspace, rules) === undefined);
  const audience = audienceOf(active, to);
  return audience.has(withText({ kind: 'everyone' })) || audienceOf(active, from).isSubsetOf(audience);
};
