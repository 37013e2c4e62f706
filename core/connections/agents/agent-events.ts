import type { AgentEvent } from '../../../contracts/agent/tunnel.ts';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import type { Change } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { logChunk } from '../../workspaces/build-log.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import { loadStep, putStep, stepKey } from '../../workspaces/records/steps.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { unhealthyAfter, withOutcome } from '../../workspaces/rules/unhealthy.ts';
import { changeWorkspace, loadBuild } from '../../workspaces/store.ts';
import { type AgentRef, buildNumberOf, isCurrent, oldBuild } from './agent-build.ts';
import { withinLogLimit } from './log-limit.ts';

/** A transaction has at most 100 items, some of which are the workspace, the build and the steps. */
const eventsPerWrite = 60;

/** Writes an agent's events in order. Each batch is one transaction that also stores the number of its last event. */
export const recordEvents = async (rules: Rules, agent: AgentRef, events: readonly AgentEvent[]): Promise<void> => {
  for (let from = 0; from < events.length; from += eventsPerWrite) {
    await recordBatch(rules, agent, events.slice(from, from + eventsPerWrite));
  }
};

const recordBatch = (rules: Rules, agent: AgentRef, batch: readonly AgentEvent[]) =>
  changeWorkspace(rules, agent.workspaceId, async (workspace) => {
    const number = buildNumberOf(agent);
    if (!isCurrent(workspace, number)) throw oldBuild();
    const build = await loadBuild(rules.table, agent.workspaceId, number);
    if (build === undefined) throw oldBuild();
    const unseen = batch.filter(({ seq }) => seq > build.lastEvent);
    const last = unseen.at(-1);
    if (last === undefined) return undefined;
    const permitted = unseen.filter((event) => mayReport(workspace, event));
    const { events: fresh, logBytes } = withinLogLimit(permitted, build.logBytes);
    return {
      ...changedWorkspace(workspace, fresh),
      ...withOutcomes({ ...build, lastEvent: last.seq, logBytes }, fresh),
      also: [...(await stepChanges(rules, build, fresh)), ...logChanges(build, fresh)],
    };
  });

/** Steps and logs do not change the workspace, so that frequent log output does not conflict with people's requests. */
const changedWorkspace = (workspace: WorkspaceRecord, events: readonly AgentEvent[]) => {
  const after = events.reduce(withEvent, workspace);
  return after === workspace ? {} : { workspace: after };
};

/** An agent may report its own steps and the template's apps, but not Berth's steps. */
const mayReport = ({ apps }: WorkspaceRecord, event: AgentEvent): boolean => {
  if (event.type === 'status') return true;
  if (event.type === 'app') return apps.some(({ name }) => name === event.app);
  return ['startup', 'dotfiles', 'git', ...apps.map(({ name }) => `app-${name}`)].includes(event.step);
};

const withEvent = (workspace: WorkspaceRecord, event: AgentEvent): WorkspaceRecord => {
  if (event.type === 'app') {
    const { [event.app]: _, ...problems } = workspace.appProblems ?? {};
    return {
      ...workspace,
      appHealth: { ...workspace.appHealth, [event.app]: event.health },
      appProblems: event.problem === undefined ? problems : { ...problems, [event.app]: event.problem },
    };
  }
  if (event.type === 'status') {
    const agent = { status: event.status, message: event.message, since: event.at };
    return { ...workspace, agent, unhealthy: unhealthyAfter(outcomeOf(event)), home: event.home ?? workspace.home };
  }
  return workspace;
};

const outcomeOf = ({ status, error, message }: Extract<AgentEvent, { type: 'status' }>) => ({ status, error, message });

const withOutcomes = (
  build: BuildRecord,
  events: readonly AgentEvent[],
): { builds: BuildRecord[]; auditEvents: NewAuditEvent[] } => {
  const auditEvents: NewAuditEvent[] = [];
  let after = build;
  for (const event of events) {
    if (event.type !== 'status') continue;
    const next = withOutcome(after, outcomeOf(event));
    after = next.build;
    auditEvents.push(...next.auditEvents);
  }
  return { builds: [after], auditEvents };
};

const logChanges = (build: BuildRecord, events: readonly AgentEvent[]): Change[] =>
  events.flatMap((event) => (event.type === 'log' ? [logChunk(build.id, event.step, event)] : []));

/** Returns the steps after the events. A step that ends in a later batch keeps its start time. */
const stepChanges = async ({ table }: Rules, build: BuildRecord, events: readonly AgentEvent[]): Promise<Change[]> => {
  const steps = new Map<string, Step>();
  for (const event of events) {
    if (event.type !== 'step') continue;
    const key = stepKey(build.workspaceId, build.number, event.step);
    const before = steps.get(event.step) ?? (await loadStep(table, key));
    steps.set(event.step, stepAfter(before, event));
  }
  return [...steps].map(([name, step]) => putStep(stepKey(build.workspaceId, build.number, name), step));
};

/** Whether a startup script runs again. */
const isRerun = (before: Step, { status }: { status: Step['status'] }): boolean =>
  status === 'running' && before.status !== 'running';

const stepAfter = (before: Step | undefined, event: Extract<AgentEvent, { type: 'step' }>): Step => ({
  name: event.step,
  title: event.title,
  status: event.status,
  startedAt: before === undefined || isRerun(before, event) ? event.at : before.startedAt,
  hasLog: !event.step.startsWith('app-'),
  ...(event.status === 'running' ? {} : { endedAt: event.at }),
  ...(event.message === undefined ? {} : { message: event.message }),
});
