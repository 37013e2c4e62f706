import type { DynamoDBStreamEvent } from 'aws-lambda';
import { workflowFor } from '../../contracts/events.ts';
import { fromItem } from '../../core/item.ts';
import type { ChangeRecord, Item } from '../../core/ports.ts';
import { autostartWords } from '../../core/workspaces/autostart.ts';
import { type BuildRecord, isActive, type WorkspaceRecord } from '../../core/workspaces/record.ts';
import type { StreamRuntime } from '../runtime.ts';
import { eachRecord } from './records.ts';

/** The change stream's consumer that makes things happen: workflows begin, waits end, stops and autostarts are scheduled. */
export const workspaceChanges = (runtime: StreamRuntime) => (event: DynamoDBStreamEvent) =>
  eachRecord(event, (record) => handleChange(runtime, record), runtime.log);

export const handleChange = async (runtime: StreamRuntime, record: ChangeRecord): Promise<void> => {
  if (!record.key.pk.startsWith('workspace#')) return;
  if (record.key.sk === 'workspace') {
    const [before, after] = [read<WorkspaceRecord>(record.before), read<WorkspaceRecord>(record.after)];
    await scheduleStop(runtime, before, after);
    await scheduleAutostart(runtime, before, after);
  } else if (record.key.sk.startsWith('build#') && record.after !== undefined) {
    await startWorkflow(runtime, read<BuildRecord>(record.before), fromItem<BuildRecord>(record.after));
    await endWait(runtime, fromItem<BuildRecord>(record.after));
  }
};

const read = <T>(item: Item | undefined): T | undefined => item && fromItem<T>(item);

/**
 * A new build starts its workflow. The execution has the build's id, so a repeated record starts nothing twice. One that
 * failed as it was made has nothing to run.
 */
const startWorkflow = async (runtime: StreamRuntime, before: BuildRecord | undefined, build: BuildRecord) => {
  if (before !== undefined || !isActive(build.status)) return;
  const input = { workspaceId: build.workspaceId, buildId: build.id };
  await runtime.workflows.start(workflowFor(build.transition), build.id, input);
};

/** Ends the workflow's wait for the agent once its outcome or a cancel stands beside the task token. */
const endWait = async ({ workflows }: StreamRuntime, build: BuildRecord) => {
  if (build.taskToken === undefined || !isActive(build.status)) return;
  if (build.cancel) {
    await workflows.fail(build.taskToken, 'build_canceled', 'The start was canceled.');
  } else if (build.outcome?.status === 'ready') {
    await workflows.succeed(build.taskToken, {});
  } else if (build.outcome?.status === 'start_error') {
    await workflows.fail(build.taskToken, build.outcome.error ?? 'startup_failed', build.outcome.message ?? '');
  }
};

/**
 * Keeps one schedule per running workspace. A stop that moved further away needs no new one: the schedule only wakes
 * the rule, which reads the table and asks to be woken again.
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

/** Keeps one recurring schedule per workspace that starts by itself, until it is to be deleted. */
const scheduleAutostart = async (
  { scheduler }: StreamRuntime,
  before: WorkspaceRecord | undefined,
  after: WorkspaceRecord | undefined,
) => {
  const id = after?.id ?? before?.id;
  const [was, is] = [wantedAutostart(before), wantedAutostart(after)];
  if (id === undefined || autostartWords(was) === autostartWords(is)) return;
  if (is === undefined) return scheduler.removeRecurring(id);
  await scheduler.putRecurring(id, is, { workspaceId: id });
};

const wantedAutostart = (workspace: WorkspaceRecord | undefined) =>
  workspace?.desired === 'deleted' ? undefined : workspace?.autostart;
