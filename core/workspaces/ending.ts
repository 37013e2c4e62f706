import { instant } from '../instant.ts';
import type { Rules } from '../rules.ts';
import { expiryOfHistory } from './expiry.ts';
import { type Ending, endBuild } from './lifecycle.ts';
import type { BuildRecord, WorkspaceRecord } from './record.ts';
import { type Decision, loadBuild } from './store.ts';

/** The end of the active build as it is written: with it the build before becomes history that the table will forget. */
export const decideEnd = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  workspace: WorkspaceRecord,
  build: BuildRecord,
  ending: Ending,
): Promise<Decision> => {
  const now = clock();
  const step = endBuild(workspace, build, ending, now);
  const before = build.number === 1 ? undefined : await loadBuild(table, workspace.id, build.number - 1);
  const history = before === undefined ? [] : [{ ...before, expires: expiryOfHistory(instant(now)) }];
  return { ...step, builds: [...step.builds, ...history] };
};
