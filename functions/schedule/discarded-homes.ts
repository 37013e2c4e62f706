import { BerthError } from '../../core/errors.ts';
import { permitHomeDeletion } from '../../core/homes/deletion-permit.ts';
import type { HomeRecord } from '../../core/homes/home-record.ts';
import { forgetHome, noteProblem } from '../../core/homes/report.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import type { SweepRuntime } from '../runtime.ts';

const notInstalled = (kind: string) =>
  new BerthError('compute_failed', `This Berth has no compute kind "${kind}". Install it again.`);

/**
 * Destroys a discarded home, one call at a time; a kept home stays as it is. A home whose workspace is in the table
 * again, for example after single items were restored, belongs to that workspace and leaves the list.
 */
export const destroyDiscardedHome = async (
  { rules, compute, log }: Pick<SweepRuntime, 'rules' | 'compute' | 'log'>,
  home: HomeRecord,
): Promise<void> => {
  const { workspaceId: id, kind } = home;
  if ((await loadWorkspace(rules.table, id)) !== undefined) return forgetHome(rules, home);
  if (home.state !== 'discarded') return;
  try {
    const holder = compute.all().find(({ name }) => name === kind);
    if (holder === undefined) throw notInstalled(kind);
    const { settled, detail } = await holder.destroy(permitHomeDeletion(home));
    if (!settled) return log('info', 'a discarded home is being destroyed', { home: id, detail });
    log('info', 'a discarded home was destroyed', { home: id });
    await forgetHome(rules, home);
  } catch (error) {
    await noteProblem(rules, home, (error as Error).message);
    throw error;
  }
};
