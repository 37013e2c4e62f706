import { BerthError } from '../../core/errors.ts';
import { msOf } from '../../core/instant.ts';
import type { Change } from '../../core/ports/table.ts';
import { usualItems, usualKey } from '../../core/templates/template-record.ts';
import { buildEndUpdate } from '../../core/workspaces/build-end.ts';
import { isActive } from '../../core/workspaces/records/build-record.ts';
import { loadSteps } from '../../core/workspaces/records/steps.ts';
import { nameKey } from '../../core/workspaces/records/workspace-record.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { BuildRuntime } from '../runtime.ts';
import { type ActiveBuild, loadActive, type StepFunction } from './build.ts';

/** Ends the build as succeeded. A start that was canceled at the last moment goes to clean-up instead. */
export const complete: StepFunction = (runtime) => async (input) => {
  const { build: found } = await loadActive(runtime, input);
  const { table } = runtime.rules;
  await changeWorkspace(runtime.rules, input.workspaceId, async (workspace) => {
    const build = await loadBuild(table, workspace.id, found.number);
    if (build === undefined || workspace.build.id !== input.buildId || !isActive(build.status)) return undefined;
    if (build.cancel) throw new BerthError('build_canceled', 'The start was canceled.');
    const end = await buildEndUpdate(runtime.rules, workspace, build, { status: 'succeeded' });
    return { ...end, also: end.workspace?.status === 'deleted' ? [freedName(workspace)] : [] };
  });
  await learnUsual(runtime, { build: found });
};

const freedName = (workspace: { ownerId: string; name: string }): Change => ({
  delete: nameKey(workspace.ownerId, workspace.name),
});

/** A new duration has the weight of a third, so that the usual duration follows a change within a few builds. */
const weight = 1 / 3;

/** Updates the usual duration of each step. A lost update does no harm. */
const learnUsual = async ({ rules }: BuildRuntime, { build }: Pick<ActiveBuild, 'build'>) => {
  const steps = await loadSteps(rules, build.workspaceId, build.number);
  const before = await rules.table.get(usualKey(build.template.name));
  const usual = before === undefined ? {} : usualItems.read(before).steps;
  for (const { name, status, startedAt, endedAt } of steps) {
    if (status !== 'succeeded' || endedAt === undefined) continue;
    const took = msOf(endedAt) - msOf(startedAt);
    const known = usual[name];
    usual[name] = Math.round(known === undefined ? took : known * (1 - weight) + took * weight);
  }
  await rules.table.write([{ put: usualItems.item(usualKey(build.template.name), { steps: usual }) }]);
};
