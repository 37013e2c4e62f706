import type { Clock, Table } from './ports.ts';

/** What every rule that reads or writes is handed. */
export interface Rules {
  table: Table;
  clock: Clock;
  /** SSO groups that give roles. */
  roleGroups: Partial<Record<'admin' | 'auditor' | 'template-admin', string>>;
}
