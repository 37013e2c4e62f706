import type { AgentEvent } from '../../../contracts/agent/tunnel.ts';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import type { Change } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { logChunk } from '../../workspaces/queries.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import { loadStep, putStep, stepKey } from '../../workspaces/records/steps.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { unhealthyAfter, withOutcome } from '../../workspaces/rules/unhealthy.ts';
import { changeWorkspace, loadBuild } from '../../workspaces/store.ts';
import { type AgentRef, buildNumberOf, isCurrent, oldBuild } from './agent-build.ts';
import { withinLogLimit } from './log-limit.ts';

/** A transaction has 100 places; a few are the workspace's, the build's and the steps'. */
const eventsPerWrite = 60;

/** Writes an agent's events in their order, each batch in one transaction with the number it goes up to. */
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
    const own = unseen.filter((event) => isItsOwn(workspace, event));
    const { events: fresh, logBytes } = withinLogLimit(own, build.logBytes);
    return {
      ...changedWorkspace(workspace, fresh),
      ...withOutcomes({ ...build, lastEvent: last.seq, logBytes }, fresh),
      also: [...(await stepChanges(rules, build, fresh)), ...logChanges(build, fresh)],
    };
  });

/** Steps and logs leave the workspace alone, so that a chatty startup does not fight with people's requests. */
const changedWorkspace = (workspace: WorkspaceRecord, events: readonly AgentEvent[]) => {
  const after = events.reduce(withEvent, workspace);
  return after === workspace ? {} : { workspace: after };
};

/** An agent speaks of its own steps and of the template's apps; Berth's own steps are not its to tell. */
const isItsOwn = ({ apps }: WorkspaceRecord, event: AgentEvent): boolean => {
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

/** Steps as they are after the events; a step's start is kept when it ends in a later batch. */
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

/** A startup script that runs again. */
const isAgain = (before: Step, { status }: { status: Step['status'] }): boolean =>
  status === 'running' && before.status !== 'running';

const stepAfter = (before: Step | undefined, event: Extract<AgentEvent, { type: 'step' }>): Step => ({
  name: event.step,
  title: event.title,
  status: event.status,
  startedAt: before === undefined || isAgain(before, event) ? event.at : before.startedAt,
  hasLog: !event.step.startsWith('app-'),
  ...(event.status === 'running' ? {} : { endedAt: event.at }),
  ...(event.message === undefined ? {} : { message: event.message }),
});
