import type { ComputeKind } from '../../compute/kind.ts';
import { workflowFor } from '../../contracts/events.ts';
import { agentsLeftBehind, cutOff, followReplica } from '../../core/connections/lost-agents.ts';
import { instant } from '../../core/instant.ts';
import { findVersion } from '../../core/templates/store.ts';
import { isActive, type WorkspaceRecord } from '../../core/workspaces/record.ts';
import { repairWorkspace, retryUnfinished } from '../../core/workspaces/repair.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import type { SweepRuntime } from '../runtime.ts';
import { autostartDue } from './autostart.ts';
import { due } from './due.ts';
import { nextOwned } from './round.ts';
import { stopDue } from './stop.ts';

/**
 * What must come true even when a schedule, a stream record or a process was lost. Each part is safe to repeat and
 * changes nothing when all is well.
 *
 * Of running workspaces a sweep reads those that are due, at their stop or with an agent that stays away, and those
 * whose agent was left behind by a replica of the gateway that ended without a word. The others are not read: a living
 * replica writes down itself when an agent goes.
 */
export interface SweepOptions {
  /** Look at every running workspace's compute, as after a restart; else only at those whose agent is away. */
  everything: boolean;
}

/** A loss that is expected, as when all of Berth was stopped, does not count against the workspace. */
interface Loss {
  expected: boolean;
}

export const sweep =
  (runtime: SweepRuntime) =>
  async ({ everything }: SweepOptions): Promise<void> => {
    const parts = {
      resumeBuilds: () => resumeBuilds(runtime),
      finishUnfinished: () => finishUnfinished(runtime),
      startDue: () => startDue(runtime),
      visitDue: () => visitDue(runtime, { expected: everything }),
      visitOthers: () => (everything ? visitAll(runtime) : visitLeftBehind(runtime)),
      destroyLeaked: () => destroyLeaked(runtime),
    };
    for (const [part, work] of Object.entries(parts)) await attempt(runtime, { part }, work);
  };

/** What fails of one part, or of one workspace, is logged and tried again by the next sweep; the others go on. */
const attempt = async (
  { log }: SweepRuntime,
  of: Record<string, string>,
  work: () => Promise<unknown>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    log('warn', 'a part of the sweep failed; the next one tries again', { ...of, error });
  }
};

/** Builds that are not over have an execution; starting one that has it changes nothing. */
const resumeBuilds = async (runtime: SweepRuntime) => {
  for await (const workspace of due(runtime.rules.table, 'building')) {
    const { id, transition } = workspace.build;
    const input = { workspaceId: workspace.id, buildId: id };
    await attempt(runtime, { build: id }, () => runtime.workflows.start(workflowFor(transition), id, input));
  }
};

const finishUnfinished = async (runtime: SweepRuntime) => {
  const { table, clock } = runtime.rules;
  for await (const { id } of due(table, 'unfinished', instant(clock()))) {
    await attempt(runtime, { workspace: id }, () => retryUnfinished(runtime.rules, id));
  }
};

/** Autostarts that no schedule rang for, as it was lost, or as the clocks left that time out. */
const startDue = async (runtime: SweepRuntime) => {
  const { table, clock } = runtime.rules;
  for await (const { id } of due(table, 'autostart', instant(clock()))) {
    await attempt(runtime, { workspace: id }, () => autostartDue(runtime)({ workspaceId: id }));
  }
};

const visitDue = async (runtime: SweepRuntime, loss: Loss) => {
  const now = instant(runtime.rules.clock());
  for await (const workspace of due(runtime.rules.table, 'running', now)) {
    const isAtStop = workspace.stopAt !== undefined && workspace.stopAt <= now;
    await attempt(runtime, { workspace: workspace.id }, () =>
      isAtStop
        ? stopDue(runtime)({ workspaceId: workspace.id, buildId: workspace.build.id })
        : findAway(runtime, workspace, loss),
    );
  }
};

/** The agent stays away: with its compute, or it is back where nobody wrote that down. */
const findAway = async (runtime: SweepRuntime, workspace: WorkspaceRecord, loss: Loss) => {
  await followReplica(runtime.rules, workspace);
  await repairIfLost(runtime, workspace, loss);
};

const visitLeftBehind = async (runtime: SweepRuntime) => {
  for await (const place of agentsLeftBehind(runtime.rules)) {
    await attempt(runtime, { workspace: place.workspaceId }, () => cutOff(runtime.rules, place));
  }
};

const visitAll = async (runtime: SweepRuntime) => {
  for await (const workspace of due(runtime.rules.table, 'running')) {
    await attempt(runtime, { workspace: workspace.id }, () => repairIfLost(runtime, workspace, { expected: true }));
  }
};

/** Shown running, but without compute: started again, or told as a failure when that does not hold. */
const repairIfLost = async (runtime: SweepRuntime, workspace: WorkspaceRecord, loss: Loss) => {
  const { rules, compute } = runtime;
  const { file } = await findVersion(rules.table, workspace.template.name, workspace.template.version);
  const seen = await compute.get(file.compute.kind).observe({ id: workspace.id });
  if (seen.state === 'running' || seen.state === 'starting') return;
  const level = loss.expected ? 'info' : 'warn';
  runtime.log(level, 'a workspace lost its compute; it is started again', { workspace: workspace.id });
  await repairWorkspace(rules, workspace.id, workspace.build.id, loss);
};

/** Compute without a living owner in the table is taken away; without a wish to run, stopped. */
const destroyLeaked = async (runtime: SweepRuntime) => {
  for (const kind of runtime.compute.all()) {
    for (const owned of await nextOwned(runtime.rules.table, kind)) {
      await attempt(runtime, { workspace: owned.workspaceId }, () => destroyIfLeaked(runtime, kind, owned));
    }
  }
};

const destroyIfLeaked = async (
  { rules, log }: SweepRuntime,
  kind: ComputeKind<unknown>,
  { workspaceId, buildId }: { workspaceId: string; buildId?: string },
) => {
  const workspace = await loadWorkspace(rules.table, workspaceId);
  if (workspace === undefined || workspace.status === 'deleted') {
    log('warn', 'compute without a workspace is taken away', { workspace: workspaceId });
    await kind.destroy({ id: workspaceId });
  } else if (buildId !== undefined && isLeftover(workspace)) {
    log('warn', 'compute of a workspace that does not run is stopped', { workspace: workspaceId });
    await kind.stop({ id: workspaceId });
  }
};

/** What a failed stop or delete left is tried again by a build, at its own time. */
const isLeftover = ({ build, status, retry }: WorkspaceRecord): boolean =>
  !isActive(build.status) && status !== 'running' && retry === undefined;
