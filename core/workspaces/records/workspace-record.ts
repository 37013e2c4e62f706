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

/** A workspace as the table holds it. Instants are ISO text. */
export interface WorkspaceRecord {
  id: string;
  name: string;
  ownerId: string;
  ownerName: string;
  template: { name: string; version: number; displayName: string; icon: string };
  /** Copied from the template version at each start, so that a list needs no other read. */
  apps: Pick<App, 'name' | 'displayName' | 'icon' | 'path' | 'port'>[];
  stopPolicy: StopPolicy;
  /** Taken over from the template version as apps are; absent in one that last started before there was sharing. */
  sharing?: SharingLimits | undefined;
  browserOnly?: boolean | undefined;
  /** What an hour costs, as the template version has it for these parameters; absent as `sharing` is. */
  prices?: Prices | undefined;
  parameters: Parameters;
  desired: DesiredState;
  status: WorkspaceStatus;
  build: { id: string; number: number; transition: Transition; reason: BuildReason; status: BuildStatus };
  /** See `Rules.buildsFrom`. */
  buildsFrom?: number | undefined;
  /** When the last build was asked for; absent in one whose build is older than this field. */
  buildAt?: string | undefined;
  /** The request whose build has to wait until the one under way is over. */
  next?: BuildRequest | undefined;
  /** The path of its home, as its agent told it. */
  home?: string | undefined;
  agent?: { status: AgentStatus; message?: string | undefined; since: string } | undefined;
  appHealth: Record<string, AppHealth>;
  /** Why an app is unhealthy, by its name. */
  appProblems?: Record<string, string> | undefined;
  failure?: Failure | undefined;
  /** Why it is unhealthy though it runs: its startup script failed (`unhealthy.ts`). */
  unhealthy?: Failure | undefined;
  startedAt?: string | undefined;
  lastActivityAt?: string | undefined;
  extendedUntil?: string | undefined;
  stopAt?: string | undefined;
  stopReason?: StopReason | undefined;
  autostart?: Autostart | undefined;
  /** The next moment at which it starts by itself, so that a schedule that never rings loses nothing. */
  autostartAt?: string | undefined;
  /** Repairs in a row, so that one that never holds is given up. */
  repairs: number;
  /** A stop or delete that failed: how often in a row, and when it is tried again. */
  retry?: { failures: number; at: string } | undefined;
  createdAt: string;
  updatedAt: string;
  /** Strictly rises; every write names the one it expects. */
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

/** An agent that is away this long is looked for: longer than one takes to dial in again. */
const awayMs = 20_000;

/** When a running workspace is to be looked at: at its stop, or before it when its agent stays away. */
const lookAt = ({ stopAt, agent }: WorkspaceRecord): string | undefined => {
  if (stopAt === undefined || agent?.status !== 'disconnected') return stopAt;
  const missed = instant(later(new Date(agent.since), awayMs));
  return missed < stopAt ? missed : stopAt;
};

/** What is to be done with a workspace; each has index partitions of its own. */
export type Due = 'building' | 'unfinished' | 'running' | 'autostart';

/**
 * `due` says what is to be looked at when: a build that is not over, a stop or delete that failed and is to be tried
 * again, a running workspace, or one at rest that is to start by itself. No time of the last write is in it: each write
 * would then move the index entry.
 */
const dueOf = (workspace: WorkspaceRecord): { due: Due; at: string } | undefined => {
  const since = workspace.buildAt ?? workspace.createdAt;
  if (isActive(workspace.build.status)) return { due: 'building', at: since };
  if (workspace.status === 'failed' && workspace.desired !== 'running')
    return { due: 'unfinished', at: workspace.retry?.at ?? since };
  const at = lookAt(workspace);
  if (at !== undefined) return { due: 'running', at };
  if (workspace.autostartAt === undefined || workspace.status === 'deleted') return undefined;
  return { due: 'autostart', at: workspace.autostartAt };
};

const dueKeys = (workspace: WorkspaceRecord) => {
  const found = dueOf(workspace);
  if (found === undefined) return {};
  return { duePk: shardedPartition(found.due, workspace.id), dueSk: `${found.at}#${workspace.id}` };
};

/** Of everyone's workspaces. */
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
