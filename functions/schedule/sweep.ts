import { workflowFor } from '../../contracts/events.ts';
import { instant, later } from '../../core/instant.ts';
import { fromItem } from '../../core/item.ts';
import type { Item, Table } from '../../core/ports.ts';
import { findVersion } from '../../core/templates/store.ts';
import { isActive, type WorkspaceRecord } from '../../core/workspaces/record.ts';
import { repairWorkspace, retryUnfinished } from '../../core/workspaces/repair.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import type { Runtime } from '../runtime.ts';
import { stopDue } from './stop.ts';

/**
 * What must come true even when a schedule, a stream record or a process was lost. Each part is safe to repeat and
 * changes nothing when all is well.
 */
export interface SweepOptions {
  /** Look at every running workspace's compute, as after a restart; else only at those whose agent is away. */
  everything: boolean;
}

/** An agent that is away this long is looked for. */
const awayMs = 20_000;

export const sweep =
  (runtime: Runtime) =>
  async ({ everything }: SweepOptions): Promise<void> => {
    const parts = {
      resumeBuilds: () => resumeBuilds(runtime),
      finishUnfinished: () => finishUnfinished(runtime),
      stopOverdue: () => stopOverdue(runtime),
      repairLost: () => repairLost(runtime, everything),
      destroyLeaked: () => destroyLeaked(runtime),
    };
    for (const [part, work] of Object.entries(parts)) await attempt(runtime, { part }, work);
  };

/** What fails of one part, or of one workspace, is logged and tried again by the next sweep; the others go on. */
const attempt = async ({ log }: Runtime, of: Record<string, string>, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    log('warn', 'a part of the sweep failed; the next one tries again', { ...of, error });
  }
};

/** Builds that are not over have an execution; starting one that has it changes nothing. */
const resumeBuilds = async ({ rules, workflows }: Runtime) => {
  for await (const workspace of due(rules.table, 'building')) {
    const { id, transition } = workspace.build;
    await workflows.start(workflowFor(transition), id, { workspaceId: workspace.id, buildId: id });
  }
};

const finishUnfinished = async ({ rules }: Runtime) => {
  for await (const workspace of due(rules.table, 'unfinished')) await retryUnfinished(rules, workspace.id);
};

const stopOverdue = async (runtime: Runtime) => {
  const wake = stopDue(runtime);
  for await (const workspace of due(runtime.rules.table, 'running', instant(runtime.rules.clock()))) {
    await wake({ workspaceId: workspace.id, buildId: workspace.build.id });
  }
};

/** Shown running, but without compute: started again, or told as a failure when that does not hold. */
const repairLost = async (runtime: Runtime, everything: boolean) => {
  const { rules } = runtime;
  const awaySince = instant(later(rules.clock(), -awayMs));
  for await (const workspace of due(rules.table, 'running')) {
    const away = workspace.agent?.status === 'disconnected' && workspace.agent.since < awaySince;
    if (!everything && !away) continue;
    await attempt(runtime, { workspace: workspace.id }, () => repairIfLost(runtime, workspace, everything));
  }
};

const repairIfLost = async (runtime: Runtime, workspace: WorkspaceRecord, everything: boolean) => {
  const { rules, compute } = runtime;
  const { file } = await findVersion(rules.table, workspace.template.name, workspace.template.version);
  const seen = await compute.get(file.compute.kind).observe({ id: workspace.id });
  if (seen.state === 'running' || seen.state === 'starting') return;
  const level = everything ? 'info' : 'warn';
  runtime.log(level, 'a workspace lost its compute; it is started again', { workspace: workspace.id });
  await repairWorkspace(rules, workspace.id, workspace.build.id, { expected: everything });
};

/** Compute without a living owner in the table is taken away; without a wish to run, stopped. */
const destroyLeaked = async ({ rules, compute, log }: Runtime) => {
  for (const kind of compute.all()) {
    for await (const { workspaceId, buildId } of kind.listOwned()) {
      const workspace = await loadWorkspace(rules.table, workspaceId);
      if (workspace === undefined || workspace.status === 'deleted') {
        log('warn', 'compute without a workspace is taken away', { workspace: workspaceId });
        await kind.destroy({ id: workspaceId });
      } else if (buildId !== undefined && !isActive(workspace.build.status) && workspace.status !== 'running') {
        log('warn', 'compute of a workspace that does not run is stopped', { workspace: workspaceId });
        await kind.stop({ id: workspaceId });
      }
    }
  }
};

async function* due(
  table: Table,
  pk: 'building' | 'unfinished' | 'running',
  until?: string,
): AsyncGenerator<WorkspaceRecord> {
  let cursor: string | undefined;
  do {
    const page: { items: Item[]; next?: string } = await table.query({
      index: 'due',
      pk,
      limit: 100,
      ...(until === undefined ? {} : { to: until }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const item of page.items) yield fromItem<WorkspaceRecord>(item);
    cursor = page.next;
  } while (cursor !== undefined);
}
