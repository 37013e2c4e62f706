import { durationMs } from '../../contracts/values/duration.ts';
import { msOf } from '../instant.ts';
import { WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import { writeDiscard } from './discard.ts';
import { type HomeRecord, homeItem, homeKey, loadHome, unchangedHome } from './home-record.ts';

/** A home as its compute kind observes it. */
type SeenHome = Omit<HomeRecord, 'state' | 'problem' | 'revision'>;

/** Dependencies for comparing the compute kinds' resources with the table. */
export type HomeRules = Pick<Rules, 'table' | 'clock' | 'homeRetention'>;

/**
 * Lists an unowned home for admins, or updates its record. A home whose workspace is in the table is not listed. A home
 * that was quarantined longer than the installation's retention period, if it has one, is discarded.
 */
export const reportHome = async (rules: HomeRules, seen: SeenHome): Promise<void> => {
  const { table } = rules;
  const before = await loadHome(table, seen.workspaceId);
  if (before?.state === 'discarded') return;
  const home: HomeRecord = { ...seen, state: 'kept', revision: before?.revision ?? 0 };
  try {
    if (before === undefined || !isSame(before, home)) {
      const unowned = { check: workspaceKey(home.workspaceId), when: { absent: true as const } };
      await table.write([{ put: homeItem(home), when: unchangedHome(home) }, unowned]);
    } else if (isOver(home, rules)) {
      await writeDiscard(rules, home, 'system');
    }
  } catch (error) {
    // The workspace came back, or another writer was faster: the next sweep sees the current state.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

const isSame = (one: HomeRecord, other: HomeRecord): boolean =>
  one.since === other.since &&
  one.reason === other.reason &&
  one.kind === other.kind &&
  one.knownAs?.name === other.knownAs?.name &&
  one.knownAs?.owner === other.knownAs?.owner &&
  one.knownAs?.template === other.knownAs?.template;

/** Measured from the mark on the home, which a start removes, so that a restored older table cannot age the home. */
const isOver = ({ since }: HomeRecord, { homeRetention, clock }: HomeRules): boolean =>
  homeRetention !== undefined && msOf(since) + durationMs(homeRetention) <= clock().getTime();

/** Removes a home from the list. */
export const forgetHome = ({ table }: HomeRules, { workspaceId }: Pick<HomeRecord, 'workspaceId'>): Promise<void> =>
  table.write([{ delete: homeKey(workspaceId) }]);

/** Records for admins why a discarded home still exists. */
export const noteProblem = async ({ table }: HomeRules, home: HomeRecord, problem: string): Promise<void> => {
  if (home.problem === problem) return;
  try {
    await table.write([{ put: homeItem({ ...home, problem }), when: unchangedHome(home) }]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
  }
};
