import type { InstallationLimits } from '../contracts/sharing-limits.ts';
import type { Clock, Table } from './ports.ts';

/** What every rule that reads or writes is handed. */
export interface Rules {
  table: Table;
  clock: Clock;
  /** SSO groups that give roles. */
  roleGroups: Partial<Record<'admin' | 'auditor' | 'template-admin', string>>;
  /** What holds for all workspaces, whatever their templates say; left out, they decide. */
  installation?: InstallationLimits;
}
