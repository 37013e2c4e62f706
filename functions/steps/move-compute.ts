import type { Step } from '../../contracts/workspaces/builds.ts';
import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { BerthError } from '../../core/errors.ts';
import { permitDeletion } from '../../core/homes/deletion-permit.ts';
import { msOf } from '../../core/instant.ts';
import type { ComputeKind, Progress } from '../../core/ports/compute-kind.ts';
import { findVersion } from '../../core/templates/template-store.ts';
import { beginStep, endStep, noteStep } from '../../core/workspaces/records/steps.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { markRunning } from '../../core/workspaces/rules/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../../core/workspaces/store.ts';
import type { ComputeRuntime } from '../runtime.ts';
import { loadActive, type Settled, type StepFunction, untilSettled } from './build.ts';

/** The output of the previous call. */
export type MoveInput = WorkflowInput & { move?: Settled };

const moves = {
  stop: (kind: ComputeKind<unknown>, { id }: WorkspaceRecord) => kind.stop({ id }),
  destroy: (kind: ComputeKind<unknown>, workspace: WorkspaceRecord) => kind.destroy(permitDeletion(workspace)),
};

/**
 * A stop or delete that hangs ends as failed, and the sweep begins it again with growing delays: an execution that
 * keeps waiting would reach Step Functions' limit of 25,000 history events.
 */
const longestMs = 60 * 60_000;

const inTime = (progress: Progress, { startedAt }: Step, now: Date): Progress => {
  if (progress.settled || now.getTime() - msOf(startedAt) <= longestMs) return progress;
  throw new BerthError('compute_failed', `${progress.detail} It did not finish within an hour.`, {
    remedy: 'Berth retries it. If the problem persists, contact your administrator.',
  });
};

/** Common part of stop and delete: begin the build, show the step, move the compute closer to its end state. */
export const moveCompute =
  (verb: keyof typeof moves): StepFunction<MoveInput, Settled, ComputeRuntime> =>
  (runtime) =>
  async (input) => {
    const { workspace, build } = await loadActive(runtime, input);
    const { table, clock } = runtime.rules;
    await changeWorkspace(runtime.rules, workspace.id, async (current) => {
      const found = await loadBuild(table, workspace.id, build.number);
      if (found === undefined || current.build.id !== build.id || found.status !== 'pending') return undefined;
      return markRunning(current, found, clock());
    });
    const step = await beginStep(table, build, verb, clock());
    const { file } = await findVersion(table, build.template.name, build.template.version);
    const kind = runtime.compute.get(file.compute.kind);
    const settled = await untilSettled(
      async () => inTime(await moves[verb](kind, workspace), step, clock()),
      () => loadActive(runtime, input),
      (detail) => noteStep(table, build, verb, detail),
      input.move,
    );
    if (settled.settled) await endStep(table, build, verb, { status: 'succeeded' }, clock());
    return settled;
  };
