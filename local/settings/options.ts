import type * as z from 'zod';
import type { Log } from '../../base/log.ts';
import type { InstallationLimits } from '../../contracts/templates/sharing-limits.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import type { Settings } from './settings.ts';

/** The options of a start: the settings, and options that tests use. */
export interface BerthOptions extends Settings {
  log: Log;
  clock?: Clock;
  /** Folders of templates to publish; by default the bundled templates. */
  templateFolders?: string[];
  /** Compute kinds in addition to `process`. */
  moreKinds?: ComputeKind<unknown>[];
  /** The identity verifiers for the agents of those kinds. */
  identities?: AgentIdentities;
  /** Limits that take precedence over every template; by default there are none. */
  limits?: z.input<typeof InstallationLimits>;
  /** Does not serve the portal, for tests that do not need it. */
  withoutPortal?: boolean;
  /** The interval of the sweep, which repairs what schedules, the change stream or processes missed. */
  sweepEveryMs?: number;
  /** The timeout for stopping all workspaces at shutdown. */
  stopWithinMs?: number;
  activityEveryMs?: number;
  /** The timeout of the body of a request to Berth itself. */
  bodyMs?: number;
  /** The timeout of the headers of any request. */
  headersTimeoutMs?: number;
  /** Aborts a start in progress, which then closes what it has opened and throws the signal's reason. */
  signal?: AbortSignal;
}
