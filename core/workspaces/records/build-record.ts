import type { Parameters } from '../../../contracts/templates/parameters.ts';
import type { BuildReason, BuildStatus, Failure, Transition } from '../../../contracts/workspaces/builds.ts';
import type { Change, Key } from '../../ports/table.ts';
import { padded } from '../../table/item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { workspaceKey } from '../../table/keys.ts';

/** Who asks for a build, why, and with which ephemeral parameters. */
export interface BuildRequest {
  reason: BuildReason;
  /** Why the system began it, in a sentence: what became of the compute that a repair replaces. */
  because?: string | undefined;
  requestedBy?: string | undefined;
  ephemeral?: Parameters | undefined;
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
  /** As of its `BuildRequest`. */
  because?: string | undefined;
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
  /** What the agent's startup last came to; with the first the workflow's wait ends. */
  outcome?: { status: 'ready' | 'start_error'; error?: string | undefined; message?: string | undefined } | undefined;
  /** How many outcomes there were; absent before the first. */
  outcomes?: number | undefined;
  /** How often the startup script is to run again, beside its first time; absent before a person asked. */
  startupRuns?: number | undefined;
  /** The workflow that waits for `outcome`. */
  taskToken?: string | undefined;
  /** Its agent's connection ended before the workspace was ready; the workflow has yet to look at the compute again. */
  agentLost?: boolean | undefined;
  /** How often that happened. */
  agentLosses?: number | undefined;
  /** How often its compute was launched again for a new agent, whose one-time token is another. */
  launch?: number | undefined;
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

/** Nothing is required: `automatic/abandon-build.ts` ends builds whose record this version cannot use. */
export const buildItems = new ItemKind<BuildRecord>('build', {});

export const buildKey = (workspaceId: string, number: number): Key => ({
  pk: workspaceKey(workspaceId).pk,
  sk: `build#${padded(number)}`,
});

export const buildIdOf = (workspaceId: string, number: number): string => `${workspaceId}-${number}`;

export const isActive = (status: BuildStatus): boolean => status === 'pending' || status === 'running';

/** The write of a build that was read at `revision` (0: is new); lost when another changed it meanwhile. */
export const buildChange = (build: BuildRecord): Change => ({
  put: buildItems.item(buildKey(build.workspaceId, build.number), { ...build, revision: build.revision + 1 }),
  when: build.revision === 0 ? { absent: true } : { equals: { revision: build.revision } },
});
