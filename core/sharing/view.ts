import type { Share, SharedWorkspace } from '../../contracts/sharing.ts';
import type { Shared } from '../access.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { type AppAddress, hostUrl, workspaceView } from '../workspaces/view.ts';
import { lapseOf } from './lapse.ts';
import type { ShareRecord } from './record.ts';

const urlOf = ({ what }: ShareRecord, workspace: WorkspaceRecord, address: AppAddress): string | undefined => {
  if (what.kind === 'workspace') return undefined;
  return hostUrl(workspace, what.kind === 'app' ? what.app : String(what.port), address);
};

/** A share as it is told to the owner. */
export const shareView = (rules: Rules, share: ShareRecord, workspace: WorkspaceRecord, address: AppAddress): Share => {
  const lapse = lapseOf(share, workspace, rules);
  const url = urlOf(share, workspace, address);
  return {
    id: share.id,
    what: share.what,
    with: share.with,
    ...(url === undefined ? {} : { url }),
    active: lapse === undefined,
    ...(lapse === undefined ? {} : { inactive: lapse.text }),
    createdAt: share.createdAt,
    createdBy: share.createdBy,
    ...(share.expiresAt === undefined ? {} : { expiresAt: share.expiresAt }),
  };
};

/** What is told of a workspace to whom something of it is shared with, and nothing besides. */
export const sharedView = (
  rules: Rules,
  shared: Shared,
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
