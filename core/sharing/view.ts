import type { Share, SharedWorkspace } from '../../contracts/workspaces/sharing.ts';
import type { ActiveShares } from '../access/policy.ts';
import { inactiveReason } from '../access/share-limits.ts';
import type { ShareRecord } from '../access/share-record.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/records/workspace-record.ts';
import { type AppAddress, hostUrl, workspaceView } from '../workspaces/view.ts';

const urlOf = ({ what }: ShareRecord, workspace: WorkspaceRecord, address: AppAddress): string | undefined => {
  if (what.kind === 'workspace') return undefined;
  return hostUrl(workspace, what.kind === 'app' ? what.app : String(what.port), address);
};

/** A share as its owner sees it. */
export const shareView = (rules: Rules, share: ShareRecord, workspace: WorkspaceRecord, address: AppAddress): Share => {
  const reason = inactiveReason(share, workspace, rules);
  const url = urlOf(share, workspace, address);
  return {
    id: share.id,
    what: share.what,
    with: share.with,
    ...(url === undefined ? {} : { url }),
    active: reason === undefined,
    ...(reason === undefined ? {} : { inactive: reason.text }),
    createdAt: share.createdAt,
    createdBy: share.createdBy,
    ...(share.expiresAt === undefined ? {} : { expiresAt: share.expiresAt }),
  };
};

/** The only fields of a workspace that people with a share of it may see. */
export const sharedView = (
  rules: Rules,
  shared: ActiveShares,
  workspace: WorkspaceRecord,
  address: AppAddress,
): SharedWorkspace => {
  const whole = shared.some(({ what }) => what.kind === 'workspace');
  const view = workspaceView(workspace, address, rules.clock(), rules.installation);
  const isShared = (name: string) => shared.some(({ what }) => what.kind === 'app' && what.app === name);
  const ports = shared.flatMap(({ what }) => (what.kind === 'port' ? [what.port] : []));
  return {
    id: view.id,
    name: view.name,
    owner: view.owner,
    status: view.status,
    apps: view.apps.filter(({ name }) => whole || isShared(name)),
    ports: [...new Set(ports)].map((port) => ({ port, url: hostUrl(workspace, String(port), address) })),
    ...(whole ? { workspace: view } : {}),
  };
};
