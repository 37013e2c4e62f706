import type { Parameters } from '../../../contracts/templates/parameters.ts';
import type { SharingLimits } from '../../../contracts/templates/sharing-limits.ts';
import type { App, Prices, StopPolicy } from '../../../contracts/templates/template-file.ts';
import type { Autostart } from '../../../contracts/workspaces/autostart.ts';
import type { BuildReason, BuildStatus, Failure, Transition } from '../../../contracts/workspaces/builds.ts';
import type {
  AgentStatus,
  AppHealth,
  DesiredState,
  StopReason,
  WorkspaceStatus,
} from '../../../contracts/workspaces/workspace.ts';
import type { AuditHead } from '../../audit/audit-events.ts';
import { instant, later } from '../../instant.ts';
import type { Item, Key } from '../../ports/table.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { workspaceKey } from '../../table/keys.ts';
import { shardedPartition } from '../../table/shards.ts';
import { type BuildRequest, isActive } from './build-record.ts';
import { expiryOfDeleted } from './expiry.ts';

/** A workspace as the table stores it. Times are ISO 8601. */
export interface WorkspaceRecord {
  id: string;
  name: string;
  ownerId: string;
  ownerName: string;
  template: { name: string; version: number; displayName: string; icon: string };
  /** Copied from the template version at each start, so that a list needs no other read. */
  apps: Pick<App, 'name' | 'displayName' | 'icon' | 'path' | 'port'>[];
  stopPolicy: StopPolicy;
  /** Copied from the template version, like `apps`; absent if the last start is older than sharing. */
  sharing?: SharingLimits | undefined;
  browserOnly?: boolean | undefined;
  /** The price per hour from the template version for these parameters; absent like `sharing`. */
  prices?: Prices | undefined;
  parameters: Parameters;
  desired: DesiredState;
  status: WorkspaceStatus;
  build: { id: string; number: number; transition: Transition; reason: BuildReason; status: BuildStatus };
  /** See `Rules.buildsFrom`. */
  buildsFrom?: number | undefined;
  /** When the last build was requested; absent if that build is older than this field. */
  buildAt?: string | undefined;
  /** The request that waits until the active build has ended. */
  next?: BuildRequest | undefined;
  /** The path of its home, as its agent reported it. */
  home?: string | undefined;
  agent?: { status: AgentStatus; message?: string | undefined; since: string } | undefined;
  appHealth: Record<string, AppHealth>;
  /** Why an app is unhealthy, by its name. */
  appProblems?: Record<string, string> | undefined;
  failure?: Failure | undefined;
  /** Why it is unhealthy although it runs: its startup script failed (`unhealthy.ts`). */
  unhealthy?: Failure | undefined;
  startedAt?: string | undefined;
  lastActivityAt?: string | undefined;
  extendedUntil?: string | undefined;
  stopAt?: string | undefined;
  stopReason?: StopReason | undefined;
  autostart?: Autostart | undefined;
  /** When it starts automatically next, so that the sweep can replace a schedule that did not fire. */
  autostartAt?: string | undefined;
  /** Repairs in a row. After too many, Berth stops repairing the workspace. */
  repairs: number;
  /** A stop or delete that failed: how often in a row, and when it is retried. */
  retry?: { failures: number; at: string } | undefined;
  createdAt: string;
  updatedAt: string;
  /** Incremented by every write, which requires the version that it read. */
  version: number;
  audit: AuditHead;
}

export const workspaceItems = new ItemKind<WorkspaceRecord>('workspace', {
  id: 'string',
  name: 'string',
  ownerId: 'string',
  ownerName: 'string',
  template: 'object',
  apps: 'list',
  parameters: 'object',
  desired: 'string',
  status: 'string',
  build: 'object',
  version: 'number',
  audit: 'object',
});

/** The claim on a name, which makes it unique among one owner's workspaces. */
export const workspaceNameItems = new ItemKind<{ workspaceId: string }>('workspace name', { workspaceId: 'string' });

export const nameKey = (ownerId: string, name: string): Key => ({ pk: `owner#${ownerId}`, sk: `workspace#${name}` });

/** After this time without an agent, the sweep observes the compute. Longer than an agent takes to reconnect. */
const agentAwayMs = 20_000;

/** When the sweep visits a running workspace: at its stop, or before it when its agent stays away. */
const visitAt = ({ stopAt, agent }: WorkspaceRecord): string | undefined => {
  if (stopAt === undefined || agent?.status !== 'disconnected') return stopAt;
  const away = instant(later(new Date(agent.since), agentAwayMs));
  return away < stopAt ? away : stopAt;
};

/** The reason for which the sweep visits a workspace. Each has its own index partitions. */
export type Due = 'building' | 'unfinished' | 'running' | 'autostart';

/**
 * What the sweep has to do with a workspace, and when: an active build, a failed stop or delete to retry, a running
 * workspace, or a stopped one with an autostart. It does not depend on the time of the last write, because then each
 * write would move the index entry.
 */
const dueOf = (workspace: WorkspaceRecord): { due: Due; at: string } | undefined => {
  const since = workspace.buildAt ?? workspace.createdAt;
  if (isActive(workspace.build.status)) return { due: 'building', at: since };
  if (workspace.status === 'failed' && workspace.desired !== 'running')
    return { due: 'unfinished', at: workspace.retry?.at ?? since };
  const at = visitAt(workspace);
  if (at !== undefined) return { due: 'running', at };
  if (workspace.autostartAt === undefined || workspace.status === 'deleted') return undefined;
  return { due: 'autostart', at: workspace.autostartAt };
};

const dueKeys = (workspace: WorkspaceRecord) => {
  const found = dueOf(workspace);
  if (found === undefined) return {};
  return { duePk: shardedPartition(found.due, workspace.id), dueSk: `${found.at}#${workspace.id}` };
};

/** The index partition of everyone's workspaces. */
export const allWorkspaces = 'workspaces';

export const workspaceItem = (workspace: WorkspaceRecord): Item =>
  workspaceItems.item(workspaceKey(workspace.id), {
    ...withoutKeys(workspace),
    ...(workspace.status === 'deleted'
      ? { expires: expiryOfDeleted(workspace.updatedAt) }
      : {
          listPk: `owner#${workspace.ownerId}`,
          listSk: workspace.name,
          allPk: shardedPartition(allWorkspaces, workspace.id),
          allSk: workspace.id,
        }),
    ...dueKeys(workspace),
  });

const withoutKeys = (record: WorkspaceRecord): WorkspaceRecord => {
  const { listPk, listSk, allPk, allSk, duePk, dueSk, ...rest } = record as WorkspaceRecord & Record<string, unknown>;
  return rest as WorkspaceRecord;
};
