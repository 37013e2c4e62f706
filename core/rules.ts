import type { Log } from '../base/log.ts';
import type { InstallationLimits } from '../contracts/templates/sharing-limits.ts';
import type { Clock } from './ports/clock.ts';
import type { Table } from './ports/table.ts';

/** The dependencies of every rule that reads or writes the table. */
export interface Rules {
  table: Table;
  clock: Clock;
  log: Log;
  /** SSO groups that grant roles. */
  roleGroups: Partial<Record<'admin' | 'auditor' | 'template-admin', string>>;
  /** Limits for all workspaces, whatever their templates say. */
  installation?: InstallationLimits;
  /**
   * The lowest build number since the table was restored from an older copy, so that no build reuses the number of one
   * that the copy does not contain. Absent if the table was never restored.
   */
  buildsFrom?: number;
  /** A `Duration` after which an unowned home is discarded. Absent: only admins discard homes. */
  homeRetention?: string;
}

const countStart = Date.UTC(2026, 0, 1);

/**
 * The lowest build number after a restore. It assumes at most one build every ten minutes since 2026. Build keys have
 * six digits, which last until 2045.
 */
export const buildsFromAt = (restored: Date): number => Math.ceil((restored.getTime() - countStart) / 600_000);
