import type { Person } from '../actor.ts';
import { lastEventOf, recordAuditEvents } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import { type HomeRecord, homeItem, homeNotFound, loadHome, unchangedHome } from './home-record.ts';
import { requireAdmin } from './queries.ts';

/** Marks a home for destruction, which the sweep carries out. Repeating the call changes nothing. */
export const discardHome = async (rules: Rules, person: Person, workspaceId: string): Promise<HomeRecord> => {
  requireAdmin(person, workspaceId);
  const home = await loadHome(rules.table, workspaceId);
  if (home === undefined) throw homeNotFound(workspaceId);
  if (home.state === 'discarded') return home;
  try {
    return await writeDiscard(rules, home, person);
  } catch (error) {
    if (error instanceof WriteConflict) throw changedMeanwhile(workspaceId);
    throw error;
  }
};

/** Throws the `WriteConflict` if the home's workspace is in the table again, or if another writer was faster. */
export const writeDiscard = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  home: HomeRecord,
  actor: Person | 'system',
): Promise<HomeRecord> => {
  const { workspaceId, kind, since } = home;
  const discarded: HomeRecord = { ...home, state: 'discarded' };
  const auditEvent = {
    action: 'home.discard' as const,
    actor,
    details: { kind, since, because: actor === 'system' ? 'retention' : 'person' },
  };
  const audit = recordAuditEvents(workspaceId, await lastEventOf(table, workspaceId), [auditEvent], clock());
  await table.write([
    { put: homeItem(discarded), when: unchangedHome(home) },
    { check: workspaceKey(workspaceId), when: { absent: true } },
    ...audit.changes,
  ]);
  return discarded;
};

export const changedMeanwhile = (workspaceId: string): BerthError =>
  new BerthError('conflict', `The home ${workspaceId} was changed by another request at the same time. Try again.`);
