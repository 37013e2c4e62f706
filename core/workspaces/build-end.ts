import { instant } from '../instant.ts';
import type { Rules } from '../rules.ts';
import type { BuildRecord } from './records/build-record.ts';
import { expiryOfHistory } from './records/expiry.ts';
import type { WorkspaceRecord } from './records/workspace-record.ts';
import { type BuildResult, endBuild } from './rules/lifecycle.ts';
import { loadBuild, type WorkspaceUpdate } from './store.ts';

/** The update that ends the active build. It also sets the expiry of the build before, which is history from now on. */
export const buildEndUpdate = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  workspace: WorkspaceRecord,
  build: BuildRecord,
  result: BuildResult,
): Promise<WorkspaceUpdate> => {
  const now = clock();
  const change = endBuild(workspace, build, result, now);
  const before = build.number === 1 ? undefined : await loadBuild(table, workspace.id, build.number - 1);
  const history = before === undefined ? [] : [{ ...before, expires: expiryOfHistory(instant(now)) }];
  return { ...change, builds: [...change.builds, ...history] };
};
