import { everyItem } from '../../core/every-item.ts';
import { fromItem } from '../../core/item.ts';
import type { Table } from '../../core/ports.ts';
import type { WorkspaceRecord } from '../../core/workspaces/record.ts';

export type Due = 'building' | 'unfinished' | 'running' | 'autostart';

/** What is to be looked at, by time; with `until` (an instant) only what is due by then. */
export async function* due(table: Table, pk: Due, until?: string): AsyncGenerator<WorkspaceRecord> {
  const query = { index: 'due' as const, pk, ...(until === undefined ? {} : { to: until }) };
  for await (const item of everyItem(table, query)) yield fromItem<WorkspaceRecord>(item);
}
