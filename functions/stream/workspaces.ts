import type { Log } from '../../base/log.ts';
import { workflowFor } from '../../contracts/workspaces/workflows.ts';
import type { ChangeConsumer } from '../../core/ports/change-consumer.ts';
import type { ChangeRecord } from '../../core/ports/table.ts';
import type { ItemKind } from '../../core/table/item-kind.ts';
import { type BuildRecord, buildItems, isActive } from '../../core/workspaces/records/build-record.ts';
import { type WorkspaceRecord, workspaceItems } from '../../core/workspaces/records/workspace-record.ts';
import { autostartText } from '../../core/workspaces/rules/autostart-time.ts';
import type { StreamRuntime } from '../runtime.ts';
import { eachChange } from './each-change.ts';

/**
 * The change stream's consumer that starts workflows, ends their waits, and schedules stops and autostarts.
 */
export const workspaceChanges = (runtime: StreamRuntime): ChangeConsumer =>
  eachChange((record) => handleChange(runtime, record), runtime.log);

const handleChange = async (runtime: StreamRuntime, record: ChangeRecord): Promise<void> => {
  if (!record.key.pk.startsWith('workspace#')) return;
  if (record.key.sk === 'workspace') {
    const before = readFormer(workspaceItems, record, runtime.log);
    const after = record.after && workspaceItems.read(record.after);
    await scheduleStop(runtime, before, after);
    await scheduleAutostart(runtime, before, after);
  } else if (record.key.sk.startsWith('build#') && record.after !== undefined) {
    const build = buildItems.read(record.after);
    await startWorkflow(runtime, readFormer(buildItems, record, runtime.log), build);
    await endWait(runtime, build);
  }
};

/**
 * The record before a change; `undefined` also for one that cannot be read. Otherwise the change that repairs a damaged
 * item would fail, and everything that follows from it would wait for the sweep.
 */
const readFormer = <T extends object>(kind: ItemKind<T>, { key, before }: ChangeRecord, log: Log): T | undefined => {
  try {
    return before && kind.read(before);
  } catch (error) {
    log('warn', 'an item cannot be read as it was before a change; the change is handled as a new item', {
      ...key,
      error,
    });
    return undefined;
  }
};

/**
 * Starts the workflow of a new build. The execution is named by the build's ID, so a repeated record starts nothing
 * twice. A build that failed on creation has nothing to run.
 */
const startWorkflow = async (runtime: StreamRuntime, before: BuildRecord | undefined, build: BuildRecord) => {
  if (before !== undefined || !isActive(build.status)) return;
  const input = { workspaceId: build.workspaceId, buildId: build.id };
  await runtime.workflows.start(workflowFor(build.transition), build.id, input);
};

/** Ends the workflow's wait for the agent once the build has the task token and an outcome, a loss or a cancel. */
const endWait = async ({ workflows }: StreamRuntime, build: BuildRecord) => {
  if (build.taskToken === undefined || !isActive(build.status)) return;
  if (build.cancel) {
    await workflows.fail(build.taskToken, 'build_canceled', 'The start was canceled.');
  } else if (build.outcome !== undefined) {
    // A failed startup script ends the wait too: the workspace runs, unhealthy, so that its owner can repair it.
    await workflows.succeed(build.taskToken, {});
  } else if (build.agentLost === true) {
    await workflows.fail(build.taskToken, 'agent_lost', 'The connection of the agent ended.');
  }
};

/**
 * Keeps one schedule per running workspace. A later stop time needs no new schedule: when the schedule fires, the stop
 * rule reads the table and schedules the next call.
 */
const scheduleStop = async (
  { scheduler }: StreamRuntime,
  before: WorkspaceRecord | undefined,
  after: WorkspaceRecord | undefined,
) => {
  const id = after?.id ?? before?.id;
  if (id === undefined || before?.stopAt === after?.stopAt) return;
  if (after?.stopAt === undefined) return scheduler.remove(id);
  const sameRun = before?.stopAt !== undefined && before.build.id === after.build.id;
  if (sameRun && (before.stopAt ?? '') <= after.stopAt) return;
  await scheduler.put(id, new Date(after.stopAt), { workspaceId: id, buildId: after.build.id });
};

/** Keeps one recurring schedule per workspace with autostart, until its deletion is requested. */
const scheduleAutostart = async (
  { scheduler }: StreamRuntime,
  before: WorkspaceRecord | undefined,
  after: WorkspaceRecord | undefined,
) => {
  const id = after?.id ?? before?.id;
  const [was, is] = [wantedAutostart(before), wantedAutostart(after)];
  if (id === undefined || autostartText(was) === autostartText(is)) return;
  if (is === undefined) return scheduler.removeRecurring(id);
  await scheduler.putRecurring(id, is, { workspaceId: id });
};

const wantedAutostart = (workspace: WorkspaceRecord | undefined) =>
  workspace?.desired === 'deleted' ? undefined : workspace?.autostart;
