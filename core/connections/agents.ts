import type { AgentEvent, GitSetup, Manifest } from '../../contracts/agent.ts';
import { durationMs } from '../../contracts/template.ts';
import type { Step } from '../../contracts/workspace.ts';
import { BerthError } from '../errors.ts';
import type { AgentSession, Place } from '../gateway.ts';
import { instant, msOf } from '../instant.ts';
import { type AgentKey, type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { readAgentToken } from '../secrets.ts';
import { resolveExpressions } from '../templates/expressions.ts';
import type { VersionRecord } from '../templates/record.ts';
import { findVersion } from '../templates/store.ts';
import { logChunk } from '../workspaces/queries.ts';
import { type BuildRecord, isActive, type WorkspaceRecord } from '../workspaces/record.ts';
import { endStep, loadStep, putStep, stepKey } from '../workspaces/steps.ts';
import { stopFields } from '../workspaces/stop-time.ts';
import { changeWorkspace, type Decision, loadBuild, loadWorkspace } from '../workspaces/store.ts';
import { type AgentRef, buildNumberOf, oldBuild } from './agent-build.ts';
import { gitSetup, type Opener } from './agent-git.ts';
import { hostKeyOf } from './host-key.ts';
import { withinLogLimit } from './log-limit.ts';
import { leavePlace, placeAgent } from './places.ts';

/** An agent is of use while its build starts the workspace or is the one that it runs from. */
export const isCurrent = (workspace: WorkspaceRecord, buildNumber: number): boolean => {
  const { build } = workspace;
  if (build.number !== buildNumber || build.transition !== 'start') return false;
  return isActive(build.status) || workspace.status === 'running';
};

const load = async ({ table }: Rules, workspaceId: string, buildNumber: number) => {
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined || !isCurrent(workspace, buildNumber)) throw oldBuild();
  const build = await loadBuild(table, workspaceId, buildNumber);
  if (build === undefined || build.cancel) throw oldBuild();
  return { workspace, build };
};

export const admitAgent = async (
  rules: Rules,
  { agentKey, sealer }: { agentKey: AgentKey; sealer: Opener },
  token: string,
): Promise<AgentSession> => {
  const key = await agentKey();
  const claimed = readAgentToken(key, token);
  if (claimed === undefined) {
    throw new BerthError('agent_refused', 'The agent token is not one that Berth made. Start the workspace again.');
  }
  const { workspace, build } = await load(rules, claimed.workspaceId, claimed.buildNumber);
  const [version, git] = await Promise.all([
    findVersion(rules.table, build.template.name, build.template.version),
    gitSetup(rules.table, sealer, workspace),
  ]);
  return {
    workspaceId: workspace.id,
    buildId: build.id,
    lastEvent: build.lastEvent,
    activityLagMs: activityLagMs(workspace),
    manifest: {
      ...manifestOf(workspace, build, version, git),
      sshHostKey: hostKeyOf(key, workspace.id).privateKey,
    },
  };
};

/** Five minutes of a day's work, or a small part of an idle timeout that is shorter than two hours. */
const activityLagMs = ({ stopPolicy }: WorkspaceRecord): number =>
  Math.min(5 * 60_000, durationMs(stopPolicy.idleTimeout) / 24);

/** Parameters reach scripts as environment, never as text in them, so that no value is ever run. */
const parameterEnvironment = (build: BuildRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(build.parameters).map(([name, value]) => [
      `BERTH_PARAM_${name.toUpperCase()}`,
      Array.isArray(value) ? value.join('\n') : String(value),
    ]),
  );

const manifestOf = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  { file }: VersionRecord,
  git: GitSetup,
): Manifest => {
  const context = {
    parameters: build.parameters,
    workspace: { id: workspace.id, name: workspace.name, owner: workspace.ownerName },
  };
  const agent = resolveExpressions(file.agent, context);
  return {
    workspace: { id: workspace.id, name: workspace.name, owner: workspace.ownerName },
    build: build.id,
    startup: agent.startup,
    startupTimeoutMs: durationMs(agent.startupTimeout),
    env: { ...agent.env, ...parameterEnvironment(build) },
    dotfiles: agent.dotfiles,
    git,
    apps: resolveExpressions(file.apps, context),
  };
};

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
      builds: [fresh.reduce(withOutcome, { ...build, lastEvent: last.seq, logBytes })],
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
    return { ...workspace, appHealth: { ...workspace.appHealth, [event.app]: event.health } };
  }
  if (event.type === 'status') {
    const agent = { status: event.status, message: event.message, since: event.at };
    return { ...workspace, agent, home: event.home ?? workspace.home };
  }
  return workspace;
};

const withOutcome = (build: BuildRecord, event: AgentEvent): BuildRecord =>
  event.type === 'status' && build.outcome === undefined
    ? { ...build, outcome: { status: event.status, error: event.error, message: event.message } }
    : build;

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

const stepAfter = (before: Step | undefined, event: Extract<AgentEvent, { type: 'step' }>): Step => ({
  name: event.step,
  title: event.title,
  status: event.status,
  startedAt: before?.startedAt ?? event.at,
  hasLog: !event.step.startsWith('app-'),
  ...(event.status === 'running' ? {} : { endedAt: event.at }),
  ...(event.message === undefined ? {} : { message: event.message }),
});

/** The agent's connection came or went, as people and other replicas see it. Answers the place it took over from. */
export const recordConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  place?: Place,
): Promise<Place | undefined> => {
  if (!connected) return recordLoss(rules, agent, place);
  const before = place && (await placeAgent(rules.table, agent, place));
  const build = { workspaceId: agent.workspaceId, number: buildNumberOf(agent) };
  // In this order, for who begins the step looks at the agent afterwards: one of both sees the other and ends it.
  await showConnection(rules, agent, true, []);
  await endStep(rules.table, build, 'agent', { status: 'succeeded' }, rules.clock());
  return before;
};

/** The loss and the end of the place are one write: an agent that is connected elsewhere by now lost nothing. */
const recordLoss = async (rules: Rules, agent: AgentRef, place: Place | undefined): Promise<undefined> => {
  try {
    await showConnection(rules, agent, false, place === undefined ? [] : [leavePlace(agent.workspaceId, place)]);
  } catch (error) {
    if (place === undefined || !(error instanceof WriteConflict)) throw error;
  }
};

/** What people see of the connection. Of a workspace that is gone there is nothing to tell. */
export const showConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  also: Change[],
): Promise<void> => {
  const number = buildNumberOf(agent);
  const first = await loadWorkspace(rules.table, agent.workspaceId);
  if (first === undefined) return also.length === 0 ? undefined : rules.table.write(also);
  const decide = async (workspace: WorkspaceRecord): Promise<Decision | undefined> => {
    if (!isCurrent(workspace, number)) return { also };
    const build = await loadBuild(rules.table, agent.workspaceId, number);
    const status = connected ? (build?.outcome?.status ?? 'connecting') : 'disconnected';
    if (workspace.agent?.status === status) return { also };
    return { workspace: { ...workspace, agent: { status, since: instant(rules.clock()) } }, also };
  };
  await changeWorkspace(rules, agent.workspaceId, decide, { first });
};

/** Moves the last activity forward, and the stop time with it. */
export const recordActivity = async (rules: Rules, agent: AgentRef, at: Date): Promise<void> => {
  // An agent's clock may be ahead; activity is never later than now.
  const seen = instant(at < rules.clock() ? at : rules.clock());
  await changeWorkspace(rules, agent.workspaceId, (workspace) => {
    if (workspace.status !== 'running' || !isCurrent(workspace, buildNumberOf(agent))) return undefined;
    if (workspace.lastActivityAt !== undefined && msOf(workspace.lastActivityAt) >= msOf(seen)) return undefined;
    const active = { ...workspace, lastActivityAt: seen };
    return { workspace: { ...active, ...stopFields(active) } };
  });
};
