import { workflowFor } from '../../contracts/workspaces/workflows.ts';
import { agentsOfLapsedReplicas, followReplica, markDisconnected } from '../../core/connections/agents/lost-agents.ts';
import { permitDeletion } from '../../core/homes/deletion-permit.ts';
import { homeItems, homesPartition } from '../../core/homes/home-record.ts';
import { reportHome } from '../../core/homes/report.ts';
import { instant, later } from '../../core/instant.ts';
import type { ComputeKind, Observation, Owned } from '../../core/ports/compute-kind.ts';
import { everyItem } from '../../core/table/every-item.ts';
import { findVersion } from '../../core/templates/template-store.ts';
import { abandonBuild, unusableReason } from '../../core/workspaces/automatic/abandon-build.ts';
import { type Loss, repairWorkspace, retryUnfinished } from '../../core/workspaces/automatic/repair.ts';
import { finishDeactivation, unfinishedDeactivations } from '../../core/workspaces/people/deactivations.ts';
import { isActive } from '../../core/workspaces/records/build-record.ts';
import type { Due, WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { loadBuild, loadWorkspace } from '../../core/workspaces/store.ts';
import type { SweepRuntime } from '../runtime.ts';
import { autostartDue } from './autostart.ts';
import { destroyDiscardedHome } from './discarded-homes.ts';
import { due } from './due.ts';
import { noticeLostAgent } from './lost-starts.ts';
import { type Turn, takeTurn } from './round.ts';
import { stopDue } from './stop.ts';

/**
 * The reconciler: repairs the state after a schedule, a stream record or a process was lost. Each part may be repeated
 * and changes nothing when desired and observed state agree.
 *
 * A sweep reads only the running workspaces that are due (at their stop, or with an agent that stays away), and those
 * whose agent was connected to a gateway replica that crashed. A live replica records disconnects itself.
 */
interface SweepOptions {
  /** Observe the compute of every running workspace, for example after a restart; else only where the agent is away. */
  everything: boolean;
  /** How late an autostart's own schedule may fire, in milliseconds. Default: 0. */
  autostartGraceMs?: number;
  /** Time limit of the sweep in milliseconds. Default: none. */
  budgetMs?: number;
  /** Clock for the time limit, in milliseconds. */
  now?: () => number;
}

/** The arguments of a part. */
interface Part {
  runtime: SweepRuntime;
  everything: boolean;
  autostartGraceMs: number;
  turn: Pick<Turn, 'table' | 'until' | 'now' | 'atOnce'>;
}

/**
 * Concurrent items. A table call takes about 5 ms and an AWS call about 20 ms, so 1,000 items take seconds without
 * reaching a rate limit.
 */
const atOnce = 10;

/**
 * The parts in order. `until` is the share of the time limit at which the part ends. Delays that cost money come first;
 * time that a part does not use is left to the next ones.
 */
const parts: Record<string, { until: number; work: (part: Part) => Promise<void> }> = {
  finishDeactivations: { until: 0.1, work: (part) => finishDeactivations(part) },
  stopOverdue: { until: 0.35, work: (part) => stopOverdue(part) },
  findAway: { until: 0.45, work: (part) => findAway(part) },
  findLeftBehind: { until: 0.55, work: (part) => (part.everything ? visitAll(part) : visitLeftBehind(part)) },
  finishUnfinished: { until: 0.65, work: (part) => finishUnfinished(part) },
  startDue: { until: 0.8, work: (part) => startDue(part) },
  destroyDiscarded: { until: 0.82, work: (part) => destroyDiscarded(part) },
  resumeBuilds: { until: 0.9, work: (part) => resumeBuilds(part) },
  reconcileOwned: { until: 1, work: (part) => reconcileOwned(part) },
};

export const sweep =
  (runtime: SweepRuntime) =>
  async ({
    everything,
    autostartGraceMs = 0,
    budgetMs = Number.POSITIVE_INFINITY,
    now = () => performance.now(),
  }: SweepOptions): Promise<void> => {
    const begun = now();
    const { table } = runtime.rules;
    for (const [part, { until, work }] of Object.entries(parts)) {
      const turn = { table, now, atOnce, until: begun + until * budgetMs };
      await attempt(runtime, { part }, () => work({ runtime, everything, autostartGraceMs, turn }));
    }
  };

/** Logs a failure of one part or workspace and lets the others continue; the next sweep retries. */
const attempt = async (
  { log }: Pick<SweepRuntime, 'log'>,
  of: Record<string, string>,
  work: () => Promise<unknown>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    log('warn', 'a part of the sweep failed; the next sweep tries again', { ...of, error });
  }
};

/** Calls `work` for each workspace that is due, in turns. */
const dueNow = (
  { runtime: { rules, log }, turn }: Part,
  { name, round, until = rules.clock(), atMost }: { name: Due; round: string; until?: Date; atMost?: number },
  work: (workspace: WorkspaceRecord) => Promise<unknown>,
) =>
  takeTurn(
    { ...turn, round, ...(atMost === undefined ? {} : { atMost }) },
    (from) => due(rules.table, name, { from, until }),
    ({ id }) =>
      attempt({ log }, { workspace: id }, async () => {
        const workspace = await loadWorkspace(rules.table, id);
        if (workspace !== undefined) await work(workspace);
      }),
  );

const isAtStop = ({ stopAt }: WorkspaceRecord, now: string): boolean => stopAt !== undefined && stopAt <= now;

/** Stops the workspaces of deactivated people whose request was interrupted before it had stopped them all. */
const finishDeactivations = ({ runtime, turn }: Part) =>
  takeTurn(
    { ...turn, round: 'deactivations' },
    // No cursor: a finished deactivation is no longer listed.
    () => unfinished(runtime),
    ({ person }) => attempt(runtime, { person }, () => finishDeactivation(runtime.rules, person)),
  );

async function* unfinished({ rules }: SweepRuntime) {
  for await (const person of unfinishedDeactivations(rules)) yield { person, sort: person };
}

/** Stops whose schedule did not fire. */
const stopOverdue = (part: Part) =>
  dueNow(part, { name: 'running', round: 'stop' }, async (workspace) => {
    if (!isAtStop(workspace, instant(part.runtime.rules.clock()))) return;
    await stopDue(part.runtime)({ workspaceId: workspace.id, buildId: workspace.build.id });
  });

/** Agents that stay away: repairs lost compute, and records a reconnect that was not recorded. */
const findAway = (part: Part) =>
  dueNow(part, { name: 'running', round: 'away' }, async (workspace) => {
    const { rules } = part.runtime;
    if (workspace.status !== 'running' || isAtStop(workspace, instant(rules.clock()))) return;
    await followReplica(rules, workspace);
    await repairIfLost(part.runtime, workspace, { expected: part.everything });
  });

const visitLeftBehind = ({ runtime, turn }: Part) =>
  takeTurn(
    { ...turn, round: 'left-behind' },
    // No cursor: a location that was handled is no longer listed.
    () => leftBehind(runtime),
    ({ location }) =>
      attempt(runtime, { workspace: location.workspaceId }, () => markDisconnected(runtime.rules, location)),
  );

async function* leftBehind({ rules }: SweepRuntime) {
  for await (const location of agentsOfLapsedReplicas(rules)) yield { location, sort: location.workspaceId };
}

const visitAll = async ({ runtime }: Part) => {
  for await (const { id } of due(runtime.rules.table, 'running')) {
    await attempt(runtime, { workspace: id }, async () => {
      const workspace = await loadWorkspace(runtime.rules.table, id);
      if (workspace?.status === 'running') await repairIfLost(runtime, workspace, { expected: true });
    });
  }
};

const finishUnfinished = (part: Part) =>
  dueNow(part, { name: 'unfinished', round: 'unfinished' }, ({ id }) => retryUnfinished(part.runtime.rules, id));

/** Autostarts whose schedule did not fire: it was lost, or a clock change skipped its time. */
const startDue = (part: Part) => {
  const until = later(part.runtime.rules.clock(), -part.autostartGraceMs);
  return dueNow(part, { name: 'autostart', round: 'autostart', until }, ({ id }) =>
    autostartDue(part.runtime)({ workspaceId: id }),
  );
};

/** The change stream starts a build's execution within seconds. An older build may have lost its execution. */
const executionExpectedMs = 30_000;
/** Keeps a sweep below the account's rate limit of StartExecution: 150 per second in most regions. */
const resumedPerSweep = 1_000;

/** Destroys discarded homes, and removes homes from the list that a workspace names again. */
const destroyDiscarded = ({ runtime, turn }: Part) =>
  takeTurn(
    { ...turn, round: 'homes' },
    (from) => listedHomes(runtime, from),
    ({ home }) => attempt(runtime, { home: home.workspaceId }, () => destroyDiscardedHome(runtime, home)),
  );

async function* listedHomes({ rules }: SweepRuntime, from?: string) {
  const all = everyItem(rules.table, { pk: homesPartition, ...(from === undefined ? {} : { from }) });
  for await (const item of all) {
    const home = homeItems.readListed(item, rules.log);
    if (home !== undefined) yield { home, sort: item.sk };
  }
}

/** Makes sure that every active build has an execution. Starting an execution again changes nothing. */
const resumeBuilds = (part: Part) => {
  const { rules, workflows } = part.runtime;
  const until = part.everything ? rules.clock() : later(rules.clock(), -executionExpectedMs);
  return dueNow(part, { name: 'building', round: 'resume', until, atMost: resumedPerSweep }, async (workspace) => {
    const { id, build } = workspace;
    const record = await loadBuild(rules.table, id, build.number);
    const problem = unusableReason(workspace, record);
    if (problem !== undefined) {
      return abandon(part, workspace, problem, (...now) => unusableReason(...now) !== undefined);
    }
    if (!isActive(build.status)) return;
    const input = { workspaceId: id, buildId: build.id };
    const state = await workflows.resume(workflowFor(build.transition), build.id, input);
    if (state === 'under-way') return record && noticeLostAgent(part.runtime, workspace, record);
    const why = 'Its workflow ended several times without completing it.';
    await abandon(part, workspace, why, (now) => isActive(now.build.status));
  });
};

/** Ends a build that no execution can end, for example one of another version, so that it does not stay "starting". */
const abandon = async (
  { runtime: { rules, log } }: Part,
  workspace: WorkspaceRecord,
  why: string,
  stillApplies: Parameters<typeof abandonBuild>[3],
) => {
  if (!(await abandonBuild(rules, workspace, why, stillApplies))) return;
  log('error', 'a build could not be continued; it was ended as failed', { build: workspace.build.id, reason: why });
};

/** Explains to the owner what happened to the lost compute. */
const explainLoss = (seen: Observation, { expected }: Loss): string => {
  if (expected) return 'Berth itself was restarted.';
  if (seen.state === 'failed') return seen.detail;
  return 'Its compute was gone for an unknown reason.';
};

/** Starts a running workspace again whose compute is gone. */
const repairIfLost = async (runtime: SweepRuntime, workspace: WorkspaceRecord, loss: Loss) => {
  const { rules, compute } = runtime;
  const { file } = await findVersion(rules.table, workspace.template.name, workspace.template.version);
  const seen = await compute.get(file.compute.kind).observe({ id: workspace.id });
  if (seen.state === 'running' || seen.state === 'starting') return;
  const level = loss.expected ? 'info' : 'warn';
  runtime.log(level, 'a workspace lost its compute; it is started again', { workspace: workspace.id });
  await repairWorkspace(rules, workspace.id, workspace.build.id, { ...loss, because: explainLoss(seen, loss) });
};

/**
 * 200 per turn: with one sweep a minute, 1,000 workspaces take five minutes and 10,000 less than an hour, and the cost
 * of a sweep does not grow with the fleet.
 */
const ownedPerSweep = 200;

/** Compares the resources of the compute kinds with the table. */
const reconcileOwned = async ({ runtime, turn }: Part) => {
  for (const kind of runtime.compute.all()) {
    await takeTurn(
      { ...turn, round: `owned#${kind.name}`, atMost: ownedPerSweep },
      (from) => ownedFrom(kind, from),
      ({ owned }) => attempt(runtime, { workspace: owned.workspaceId }, () => reconcile(runtime, kind, owned)),
    );
  }
};

/** Sorted by workspace. Listing everything takes few calls, so that only the reads of the records need turns. */
async function* ownedFrom(kind: ComputeKind<unknown>, from = '') {
  const all = await Array.fromAsync(kind.listOwned());
  const rest = all.map((owned) => ({ owned, sort: owned.workspaceId })).filter(({ sort }) => sort >= from);
  yield* rest.sort((a, b) => (a.sort < b.sort ? -1 : 1));
}

/**
 * Destroys everything of a deleted workspace, and stops compute of a workspace that should not run. If the table has no
 * such workspace, its compute is stopped and its home kept: the table may have been restored from an older copy.
 */
const reconcile = async (runtime: SweepRuntime, kind: ComputeKind<unknown>, owned: Owned) => {
  const { rules, log } = runtime;
  const { workspaceId, buildId } = owned;
  const workspace = await loadWorkspace(rules.table, workspaceId);
  if (workspace === undefined) return quarantine(runtime, kind, owned);
  if (workspace.status === 'deleted') {
    log('warn', 'the remaining resources of a deleted workspace are removed', { workspace: workspaceId });
    await kind.destroy(permitDeletion(workspace));
  } else if (buildId !== undefined && isLeftover(workspace)) {
    log('warn', 'compute of a workspace that does not run is stopped', { workspace: workspaceId });
    await kind.stop({ id: workspaceId });
  }
};

const quarantine = async ({ rules, log }: SweepRuntime, kind: ComputeKind<unknown>, owned: Owned) => {
  const { workspaceId } = owned;
  const mark = owned.quarantine ?? {
    since: instant(rules.clock()),
    reason: 'The table has no workspace of this ID.',
  };
  if (owned.quarantine === undefined) {
    log('warn', 'a workspace is not in the table: its compute is stopped, its home is kept and quarantined', {
      workspace: workspaceId,
      kind: kind.name,
    });
    const { settled } = await kind.quarantine({ id: workspaceId }, mark);
    // Without a home there is nothing for an admin to decide.
    if (!settled || (await kind.observe({ id: workspaceId })).state === 'absent') return;
  }
  const { knownAs } = owned;
  await reportHome(rules, { workspaceId, kind: kind.name, ...mark, knownAs });
};

/** After a failed stop or delete (`retry`), a later build retries: not the sweep's concern. */
const isLeftover = ({ build, status, retry }: WorkspaceRecord): boolean =>
  !isActive(build.status) && status !== 'running' && retry === undefined;
