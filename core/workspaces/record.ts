import type { Autostart } from '../../contracts/autostart.ts';
import type { SharingLimits } from '../../contracts/sharing-limits.ts';
import type { App, Parameters, StopPolicy } from '../../contracts/template.ts';
import type {
  AgentStatus,
  AppHealth,
  BuildReason,
  BuildStatus,
  DesiredState,
  Failure,
  StopReason,
  Transition,
  WorkspaceStatus,
} from '../../contracts/workspace.ts';
import type { AuditHead } from '../audit.ts';
import { instant, later } from '../instant.ts';
import { padded, toItem } from '../item.ts';
import type { Change, Item, Key } from '../ports.ts';
import { expiryOfDeleted } from './expiry.ts';

/** Who asks for a build, why, and with which ephemeral parameters. */
export interface BuildRequest {
  reason: BuildReason;
  requestedBy?: string | undefined;
  ephemeral?: Parameters | undefined;
}

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
  parameters: Parameters;
  desired: DesiredState;
  status: WorkspaceStatus;
  build: { id: string; number: number; transition: Transition; reason: BuildReason; status: BuildStatus };
  /** The request whose build has to wait until the one under way is over. */
  next?: BuildRequest | undefined;
  /** The path of its home, as its agent told it. */
  home?: string | undefined;
  agent?: { status: AgentStatus; message?: string | undefined; since: string } | undefined;
  appHealth: Record<string, AppHealth>;
  failure?: Failure | undefined;
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

/** A build as the table holds it, beside its workspace. */
export interface BuildRecord {
  id: string;
  workspaceId: string;
  number: number;
  transition: Transition;
  reason: BuildReason;
  status: BuildStatus;
  template: { name: string; version: number };
  requestedBy?: string | undefined;
  /** Ephemeral parameters, for this build only. */
  ephemeral: Parameters;
  /** All parameters as they were when the build was asked for, the ephemeral ones included. */
  parameters: Parameters;
  createdAt: string;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  failure?: Failure | undefined;
  cancel: boolean;
  /** What the agent's startup came to; with it the workflow's wait ends. */
  outcome?: { status: 'ready' | 'start_error'; error?: string | undefined; message?: string | undefined } | undefined;
  /** The workflow that waits for `outcome`. */
  taskToken?: string | undefined;
  /** Hash of the nonce of the agent that took up the build's one-time token. */
  signedOn?: string | undefined;
  /** Sign-ons refused so far. */
  refusals?: number | undefined;
  /** The number of the agent's last event that the table holds. */
  lastEvent: number;
  /** What its agent's logs take up so far, in bytes; absent before the first. */
  logBytes?: number | undefined;
  /** Usual duration of each step with this template, in milliseconds, as it was when the build began. */
  usual: Record<string, number>;
  /** When the table may forget it, in epoch seconds; see `expiry.ts`. */
  expires?: number | undefined;
  /** Rises with every write of the build; 0 before the first. */
  revision: number;
}

export const workspaceKey = (id: string): Key => ({ pk: `workspace#${id}`, sk: 'workspace' });
export const buildKey = (workspaceId: string, number: number): Key => ({
  pk: `workspace#${workspaceId}`,
  sk: `build#${padded(number)}`,
});
/** The claim that makes a name one person's one workspace. */
export const nameKey = (ownerId: string, name: string): Key => ({ pk: `owner#${ownerId}`, sk: `workspace#${name}` });

export const buildIdOf = (workspaceId: string, number: number): string => `${workspaceId}-${number}`;

export const isActive = (status: BuildStatus): boolean => status === 'pending' || status === 'running';

/** An agent that is away this long is looked for: longer than one takes to dial in again. */
const awayMs = 20_000;

/** When a running workspace is to be looked at: at its stop, or before it when its agent stays away. */
const lookAt = ({ stopAt, agent }: WorkspaceRecord): string | undefined => {
  if (stopAt === undefined || agent?.status !== 'disconnected') return stopAt;
  const missed = instant(later(new Date(agent.since), awayMs));
  return missed < stopAt ? missed : stopAt;
};

/**
 * `due` says what is to be looked at when: a build that is not over, a stop or delete that failed and is to be tried
 * again, a running workspace, or one at rest that is to start by itself.
 */
const dueOf = (workspace: WorkspaceRecord) => {
  if (isActive(workspace.build.status)) return { duePk: 'building', dueSk: `${workspace.updatedAt}#${workspace.id}` };
  if (workspace.status === 'failed' && workspace.desired !== 'running')
    return { duePk: 'unfinished', dueSk: `${workspace.retry?.at ?? workspace.updatedAt}#${workspace.id}` };
  const at = lookAt(workspace);
  if (at !== undefined) return { duePk: 'running', dueSk: `${at}#${workspace.id}` };
  if (workspace.autostartAt === undefined || workspace.status === 'deleted') return {};
  return { duePk: 'autostart', dueSk: `${workspace.autostartAt}#${workspace.id}` };
};

export const workspaceItem = (workspace: WorkspaceRecord): Item =>
  toItem(workspaceKey(workspace.id), {
    ...withoutKeys(workspace),
    ...(workspace.status === 'deleted'
      ? { expires: expiryOfDeleted(workspace.updatedAt) }
      : {
          listPk: `owner#${workspace.ownerId}`,
          listSk: workspace.name,
          allPk: 'workspaces',
          allSk: workspace.id,
        }),
    ...dueOf(workspace),
  });

const withoutKeys = (record: WorkspaceRecord): WorkspaceRecord => {
  const { listPk, listSk, allPk, allSk, duePk, dueSk, ...rest } = record as WorkspaceRecord & Record<string, unknown>;
  return rest as WorkspaceRecord;
};

/** The write of a build that was read at `revision` (0: is new); lost when another changed it meanwhile. */
export const buildChange = (build: BuildRecord): Change => ({
  put: toItem(buildKey(build.workspaceId, build.number), { ...build, revision: build.revision + 1 }),
  when: build.revision === 0 ? { absent: true } : { equals: { revision: build.revision } },
});
