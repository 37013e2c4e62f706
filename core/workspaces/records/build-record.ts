import type { Parameters } from '../../../contracts/templates/parameters.ts';
import type { BuildReason, BuildStatus, Failure, Transition } from '../../../contracts/workspaces/builds.ts';
import type { Change, Key } from '../../ports/table.ts';
import { padded } from '../../table/item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { workspaceKey } from '../../table/keys.ts';

/** Who requests a build, why, and with which ephemeral parameters. */
export interface BuildRequest {
  reason: BuildReason;
  /** Why the system began it, in a sentence: what happened to the compute that a repair replaces. */
  because?: string | undefined;
  requestedBy?: string | undefined;
  ephemeral?: Parameters | undefined;
}

/** A build as the table stores it, in its workspace's partition. */
export interface BuildRecord {
  id: string;
  workspaceId: string;
  number: number;
  transition: Transition;
  reason: BuildReason;
  status: BuildStatus;
  template: { name: string; version: number };
  /** See `BuildRequest`. */
  because?: string | undefined;
  requestedBy?: string | undefined;
  /** Ephemeral parameters, for this build only. */
  ephemeral: Parameters;
  /** All parameters as they were when the build was requested, including the ephemeral ones. */
  parameters: Parameters;
  createdAt: string;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  failure?: Failure | undefined;
  cancel: boolean;
  /** The last result of the agent's startup. The first one ends the workflow's wait. */
  outcome?: { status: 'ready' | 'start_error'; error?: string | undefined; message?: string | undefined } | undefined;
  /** How many outcomes there were; absent before the first. */
  outcomes?: number | undefined;
  /** How often the startup script is to run again after its first run; absent before the first request. */
  startupRuns?: number | undefined;
  /** The workflow that waits for `outcome`. */
  taskToken?: string | undefined;
  /** Its agent's connection ended before the workspace was ready; the workflow has not observed the compute since. */
  agentLost?: boolean | undefined;
  /** How often that happened. */
  agentLosses?: number | undefined;
  /** How often its compute was launched again for a new agent, which has another one-time token. */
  launch?: number | undefined;
  /** Hash of the nonce of the agent that used the build's one-time token. */
  signedOn?: string | undefined;
  /** Agent authentications refused so far. */
  refusals?: number | undefined;
  /** The number of the agent's last event in the table. */
  lastEvent: number;
  /** The size of its agent's logs so far, in bytes; absent before the first. */
  logBytes?: number | undefined;
  /** Usual duration of each step with this template, in milliseconds, as it was when the build began. */
  usual: Record<string, number>;
  /** When the table may delete it, in epoch seconds; see `expiry.ts`. */
  expires?: number | undefined;
  /** Incremented by every write of the build; 0 before the first. */
  revision: number;
}

/** Nothing is required: `automatic/abandon-build.ts` ends builds whose record this version cannot use. */
export const buildItems = new ItemKind<BuildRecord>('build', {});

export const buildKey = (workspaceId: string, number: number): Key => ({
  pk: workspaceKey(workspaceId).pk,
  sk: `build#${padded(number)}`,
});

export const buildIdOf = (workspaceId: string, number: number): string => `${workspaceId}-${number}`;

export const isActive = (status: BuildStatus): boolean => status === 'pending' || status === 'running';

/** The write of a build that was read at `revision` (0: new). Conflicts when another writer changed it meanwhile. */
export const buildChange = (build: BuildRecord): Change => ({
  put: buildItems.item(buildKey(build.workspaceId, build.number), { ...build, revision: build.revision + 1 }),
  when: build.revision === 0 ? { absent: true } : { equals: { revision: build.revision } },
});
